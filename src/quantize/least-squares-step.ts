/**
 * The alternation of Choukroun et al. (1902.06822): for fixed codes T the best step is <x, T> / <T, T>, for a fixed step the best codes
 * are the nearest ones. Each half lowers the squared error or keeps it.
 */
import { roundHalfEven } from '../arithmetic/rounding.ts';
import { type CodeGrid, clampCode, type Step } from './code-grid.ts';
import type { Distribution } from './distribution.ts';

const roundsMax = 8;

/** A step of no larger squared error than `start`; the zero point stays. */
export function leastSquaresStep({ values, counts }: Distribution, grid: CodeGrid, start: Step): Step {
  const { zeroPoint } = start;
  let { step } = start;
  for (let round = 0; round < roundsMax; round++) {
    let product = 0;
    let square = 0;
    for (let index = 0; index < values.length; index++) {
      const code = clampCode(roundHalfEven(values[index] / step) + zeroPoint, grid) - zeroPoint;
      const weight = counts === null ? 1 : counts[index];
      product += weight * values[index] * code;
      square += weight * code * code;
    }
    if (!(product > 0) || product / square === step) break;
    step = product / square;
  }
  return { step, zeroPoint };
}
