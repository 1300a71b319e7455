/** ACIQ for Gaussian tails (Banner et al., 1810.05723): the root of the derivative of clipping plus rounding noise, by bisection. */

import { clippedStep } from '../aciq-clipping.ts';
import { complementaryError } from '../complementary-error.ts';
import type { StepMethod } from '../step-method.ts';

export const method: StepMethod = {
  name: 'aciq-gauss',
  title: 'Analytic clipping for Gauss-distributed values (ACIQ).',
  weightMethod: 'max-abs',
  choose: (distribution, grid) => clippedStep(distribution, grid, gaussClipping, 'gauss'),
};

/** Optimal clipping value in units of sigma for 2^bits levels over a symmetric range; one-sided values have one bit more to spend. */
export function gaussClipping(bits: number, halfRange: boolean): number {
  const levels = 4 ** (halfRange ? bits + 1 : bits);
  const slope = (alpha: number): number =>
    2 * alpha * complementaryError(alpha / Math.SQRT2) -
    2 * Math.sqrt(2 / Math.PI) * Math.exp((-alpha * alpha) / 2) +
    (2 * alpha) / (3 * levels);
  let low = 0;
  let high = 16;
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (slope(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
