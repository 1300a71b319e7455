/** How errors leave the process: as text on stderr, with --json as a document on stdout, and as an exit code. */
import { BitwrightError, errorExitCodes, printIssue } from '../base/errors.ts';

export interface Failure {
  readonly exitCode: number;
  readonly text: string;
  readonly document: {
    readonly schemaVersion: 1;
    readonly error: { readonly code: string; readonly exitCode: number; readonly issues: readonly unknown[] };
  };
}

export function describeFailure(thrown: unknown): Failure {
  const error = thrown instanceof BitwrightError ? thrown : unexpected(thrown);
  const { code, exitCode, issues } = error;
  const lines = issues.map((issue) => `error: ${printIssue(issue)}`);
  const trace = exitCode === errorExitCodes.INTERNAL ? [rootCause(thrown)] : [];
  return {
    exitCode,
    text: [...lines, ...trace, `(${code}, exit code ${exitCode})`].join('\n'),
    document: { schemaVersion: 1, error: { code, exitCode, issues } },
  };
}

/** System errors that a path can cause are the user's; everything else that is not a BitwrightError is a bug. */
function unexpected(thrown: unknown): BitwrightError {
  const { code, path, message } = (thrown ?? {}) as Partial<NodeJS.ErrnoException>;
  const where = path === undefined ? {} : { where: path };
  if (code === 'ENOENT') return new BitwrightError('FILE_NOT_FOUND', { message: 'does not exist', ...where });
  if (code !== undefined && pathErrors.includes(code)) {
    return new BitwrightError('FILE_INVALID', { message: `cannot be used (${code})`, ...where });
  }
  return new BitwrightError(
    'INTERNAL',
    { message: message ?? String(thrown), next: 'This is a bug in bitwright; please report it.' },
    { cause: thrown },
  );
}

const pathErrors = ['EACCES', 'EISDIR', 'ENOTDIR', 'EPERM', 'EROFS', 'ENOSPC', 'ENAMETOOLONG'];

function rootCause(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
