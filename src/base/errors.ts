/**
 * The one error type that users see. An error says what went wrong, where, what was seen against what is allowed, and what to
 * do next; a stage collects all its issues and throws once. Programmer errors go through `assert` and are bugs (exit code 70).
 */

/** Every code a user can meet, with the process exit code it leads to. docs/errors.md explains each. */
export const errorExitCodes = {
  USAGE: 2,
  FILE_NOT_FOUND: 2,
  FILE_INVALID: 2,
  DATASET_INVALID: 2,
  DATASET_MISMATCH: 2,
  OUTPUT_EXISTS: 2,
  MODEL_INVALID: 3,
  MODEL_UNSUPPORTED: 3,
  TARGET_UNKNOWN: 3,
  TARGET_INVALID: 3,
  TARGET_LIMIT: 3,
  PROFILE_UNSUPPORTED: 3,
  ACCUMULATOR_OVERFLOW: 3,
  CALIBRATION_FAILED: 3,
  SEARCH_FAILED: 3,
  VECTORS_INVALID: 2,
  ARTIFACT_INVALID: 2,
  DEVICE_UNKNOWN: 4,
  DEVICE_UNAVAILABLE: 4,
  DEVICE_SILENT: 4,
  DEVICE_MISMATCH: 4,
  LINK_FAILED: 4,
  DEVICE_FAULT: 5,
  INTERRUPTED: 130,
  INTERNAL: 70,
} as const;

export type ErrorCode = keyof typeof errorExitCodes;

/** One problem. `where` names the file, node, field or byte; `next` is an action the reader can take. */
export interface Issue {
  readonly message: string;
  readonly where?: string;
  readonly seen?: string | number;
  readonly allowed?: string | number;
  readonly next?: string;
}

export class BitwrightError extends Error {
  readonly code: ErrorCode;
  readonly issues: readonly Issue[];

  constructor(code: ErrorCode, issue: Issue | readonly Issue[], options?: { cause?: unknown }) {
    const issues = Array.isArray(issue) ? (issue as readonly Issue[]) : [issue as Issue];
    super(issues.map(printIssue).join('\n'), options);
    this.name = 'BitwrightError';
    this.code = code;
    this.issues = issues;
  }

  get exitCode(): number {
    return errorExitCodes[this.code];
  }
}

/** One issue as one readable line. */
export function printIssue(issue: Issue): string {
  const where = issue.where === undefined ? '' : `${issue.where}: `;
  const seen = issue.seen === undefined ? '' : ` (seen ${issue.seen}`;
  const allowed = issue.allowed === undefined ? '' : `${seen === '' ? ' (' : ', '}allowed ${issue.allowed}`;
  const close = seen === '' && allowed === '' ? '' : ')';
  const next = issue.next === undefined ? '' : `. ${issue.next}`;
  return `${where}${issue.message}${seen}${allowed}${close}${next}`;
}

/** Collects the issues of one stage; `throwIfAny` ends the stage. */
export class IssueList {
  readonly #code: ErrorCode;
  readonly issues: Issue[] = [];

  constructor(code: ErrorCode) {
    this.#code = code;
  }

  add(issue: Issue): void {
    this.issues.push(issue);
  }

  throwIfAny(): void {
    if (this.issues.length > 0) throw new BitwrightError(this.#code, this.issues);
  }
}

/** A statement that only a bug in bitwright can make false. */
export function assert(condition: boolean, sentence: string): asserts condition {
  if (!condition)
    throw new BitwrightError('INTERNAL', { message: sentence, next: 'This is a bug in bitwright; please report it.' });
}
