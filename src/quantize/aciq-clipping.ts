/** What ACIQ's two forms share: fit the distribution's width, clip at the analytic multiple of it, turn the range into a step. */
import { type CodeGrid, type Step, stepOfRange } from './code-grid.ts';
import { type Distribution, momentsOf } from './distribution.ts';

/**
 * One-sided values are taken as the positive half of a zero-mean distribution whose exact zeros were rectified; others are centred
 * on their mean. The range never exceeds the values seen.
 */
export function clippedStep(
  distribution: Distribution,
  grid: CodeGrid,
  clipping: (bits: number, halfRange: boolean) => number,
  family: 'laplace' | 'gauss',
): Step {
  const bits = Math.log2(grid.qMax - grid.qMin + 1);
  const oneSided = distribution.min >= 0;
  const moments = momentsOf(distribution, oneSided);
  if (oneSided) {
    const width = family === 'laplace' ? moments.meanAbsolute : Math.sqrt(moments.meanSquare);
    return stepOfRange(0, Math.min(distribution.max, width * clipping(bits, true)), grid);
  }
  const variance = Math.max(0, moments.meanSquare - moments.mean ** 2);
  const width = family === 'laplace' ? moments.meanAbsoluteDeviation : Math.sqrt(variance);
  const alpha = width * clipping(bits, false);
  const low = Math.max(distribution.min, moments.mean - alpha);
  const high = Math.min(distribution.max, moments.mean + alpha);
  const step = stepOfRange(low, high, grid);
  return step.step > 0 ? step : stepOfRange(distribution.min, distribution.max, grid);
}
