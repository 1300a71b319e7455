/** The L_p error of quantizing a distribution, sum of |Q(x) - x|^p, for the exponents that LAPQ scans and any other. */
import type { CodeGrid, Step } from './code-grid.ts';
import type { Distribution } from './distribution.ts';

/** Writes |Q(x) - x| of every point. Q rounds half to even and saturates; done in float64, so ties may fall otherwise than in float32. */
export function absoluteErrors(distribution: Distribution, grid: CodeGrid, step: Step, errors: Float64Array): void {
  const { values } = distribution;
  const inverse = 1 / step.step;
  const low = grid.qMin - step.zeroPoint;
  const high = grid.qMax - step.zeroPoint;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    // The addition and subtraction of 1.5 * 2^52 is roundHalfEven, kept inline: this loop is the cost of a search over steps.
    let code = value * inverse + 6755399441055744 - 6755399441055744;
    if (code < low) code = low;
    else if (code > high) code = high;
    errors[index] = Math.abs(code * step.step - value);
  }
}

/** Sum of counts * errors^p. p = 2, 2.5, 3, 3.5 and 4 need no logarithm. */
export function sumOfPowers(errors: Float64Array, counts: Float64Array | null, p: number): number {
  if (counts === null) return sumOfPowersUnweighted(errors, p);
  let sum = 0;
  for (let index = 0; index < errors.length; index++) sum += counts[index] * power(errors[index], p);
  return sum;
}

function sumOfPowersUnweighted(errors: Float64Array, p: number): number {
  let sum = 0;
  if (p === 2) {
    for (let index = 0; index < errors.length; index++) sum += errors[index] * errors[index];
  } else {
    for (let index = 0; index < errors.length; index++) sum += power(errors[index], p);
  }
  return sum;
}

function power(error: number, p: number): number {
  const square = error * error;
  if (p === 2) return square;
  if (p === 2.5) return square * Math.sqrt(error);
  if (p === 3) return square * error;
  if (p === 3.5) return square * error * Math.sqrt(error);
  if (p === 4) return square * square;
  return error ** p;
}

/** The L_p error of one step. */
export function quantizationError(distribution: Distribution, grid: CodeGrid, step: Step, p: number): number {
  const errors = new Float64Array(distribution.values.length);
  absoluteErrors(distribution, grid, step, errors);
  return sumOfPowers(errors, distribution.counts, p);
}
