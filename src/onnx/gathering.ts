/** Problems from several stages of one import, so that a user sees them all at once. */
import { BitwrightError, type ErrorCode, type Issue } from '../base/errors.ts';

export interface Gathering {
  readonly issues: readonly Issue[];
  add(code: ErrorCode, issues: readonly Issue[]): void;
  /** The result of `action`, or undefined where it throws, with its issues gathered. Bugs are thrown on. */
  attempt<T>(action: () => T): T | undefined;
  /** All issues under one code: MODEL_UNSUPPORTED only where nothing worse was met; null where there is none. */
  error(): BitwrightError | null;
}

export function createGathering(): Gathering {
  const issues: Issue[] = [];
  let code: ErrorCode = 'MODEL_UNSUPPORTED';
  const add = (added: ErrorCode, more: readonly Issue[]): void => {
    if (more.length > 0 && code === 'MODEL_UNSUPPORTED') code = added;
    issues.push(...more);
  };
  return {
    issues,
    add,
    attempt: (action) => {
      try {
        return action();
      } catch (error) {
        if (!(error instanceof BitwrightError) || error.code === 'INTERNAL') throw error;
        add(error.code, error.issues);
        return undefined;
      }
    },
    error: () => (issues.length === 0 ? null : new BitwrightError(code, issues)),
  };
}
