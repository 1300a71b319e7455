/**
 * ACIQ for Laplace tails (Banner et al., 1810.05723): the clipping value that balances clipping against rounding noise, in closed
 * form. Minimising 2 b^2 e^(-a/b) + a^2 / (3 * 4^M) gives a = b * W0(3 * 4^M); behind a Relu, half the range, b * W0(12 * 4^M).
 */

import { clippedStep } from '../aciq-clipping.ts';
import { lambertW } from '../lambert-w.ts';
import type { StepMethod } from '../step-method.ts';

export const method: StepMethod = {
  name: 'aciq-laplace',
  title: 'Analytic clipping for Laplace-distributed values (ACIQ).',
  weightMethod: 'max-abs',
  choose: (distribution, grid) => clippedStep(distribution, grid, laplaceClipping, 'laplace'),
};

/** Optimal clipping value in units of b for 2^bits levels over a symmetric range; `halfRange` for one-sided values. */
export function laplaceClipping(bits: number, halfRange: boolean): number {
  return lambertW((halfRange ? 12 : 3) * 4 ** bits);
}
