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

/** Sum of counts * errors^p. Exponents from 2 to below 5 in quarters need no logarithm. */
export function sumOfPowers(errors: Float64Array, counts: Float64Array | null, p: number): number {
  const whole = Math.floor(p);
  const quarters = 4 * (p - whole);
  const isQuarter = whole >= 2 && whole <= 4 && Number.isInteger(quarters);
  let sum = 0;
  for (let index = 0; index < errors.length; index++) {
    const error = errors[index];
    const raised = isQuarter ? quarterPower(error, whole, quarters) : error ** p;
    sum += counts === null ? raised : counts[index] * raised;
  }
  return sum;
}

/** error^(whole + quarters / 4) for whole 2 to 4: square roots cost a tenth of a general power. */
function quarterPower(error: number, whole: number, quarters: number): number {
  const square = error * error;
  const raised = whole === 2 ? square : whole === 3 ? square * error : square * square;
  if (quarters === 0) return raised;
  const root = Math.sqrt(error);
  if (quarters === 2) return raised * root;
  return quarters === 1 ? raised * Math.sqrt(root) : raised * root * Math.sqrt(root);
}

/** The L_p error of one step. */
export function quantizationError(distribution: Distribution, grid: CodeGrid, step: Step, p: number): number {
  const errors = new Float64Array(distribution.values.length);
  absoluteErrors(distribution, grid, step, errors);
  return sumOfPowers(errors, distribution.counts, p);
}
