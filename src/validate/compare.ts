/** Compares integer codes element by element. Equality is the only question here: no tolerance, no scale. */
import { BitwrightError } from '../base/errors.ts';
import type { CodeArray } from '../simulate/engine.ts';

export interface Comparison {
  readonly compared: number;
  readonly mismatches: number;
  /** Largest |actual - expected| in codes. */
  readonly maxDifference: number;
  /** The first differing element, or null. */
  readonly first: { readonly index: number; readonly expected: number; readonly actual: number } | null;
}

export const emptyComparison: Comparison = { compared: 0, mismatches: 0, maxDifference: 0, first: null };

/** Compares two code arrays; throws DEVICE_MISMATCH where they are not even of one length and type. `where` names them in the error. */
export function compareCodes(expected: CodeArray, actual: CodeArray, where: string): Comparison {
  if (expected.constructor !== actual.constructor || expected.length !== actual.length) {
    throw new BitwrightError('DEVICE_MISMATCH', {
      message: 'the answer has another shape than the prediction',
      where,
      seen: describe(actual),
      allowed: describe(expected),
      next: 'Push the program again; if it stays, the firmware is of another version than the host.',
    });
  }
  let mismatches = 0;
  let maxDifference = 0;
  let first: Comparison['first'] = null;
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs(actual[index]! - expected[index]!);
    if (difference === 0) continue;
    mismatches++;
    if (difference > maxDifference) maxDifference = difference;
    first ??= { index, expected: expected[index]!, actual: actual[index]! };
  }
  return { compared: expected.length, mismatches, maxDifference, first };
}

/** Adds up comparisons; `first` is that of the earliest one that differs. */
export function mergeComparisons(comparisons: readonly Comparison[]): Comparison {
  return comparisons.reduce(
    (sum, next) => ({
      compared: sum.compared + next.compared,
      mismatches: sum.mismatches + next.mismatches,
      maxDifference: Math.max(sum.maxDifference, next.maxDifference),
      first: sum.first ?? next.first,
    }),
    emptyComparison,
  );
}

function describe(codes: CodeArray): string {
  return `${codes.length} elements of ${codes.constructor.name.replace('Array', '').toLowerCase()}`;
}
