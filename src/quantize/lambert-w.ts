/** The principal branch of Lambert's W for x >= 0: the w with w * e^w = x. */
import { assert } from '../base/errors.ts';

export function lambertW(x: number): number {
  assert(x >= 0, 'lambertW is defined here for x >= 0.');
  let w = Math.log1p(x);
  for (let round = 0; round < 40; round++) {
    const exponential = Math.exp(w);
    const residual = w * exponential - x;
    // Halley's step.
    const change = residual / (exponential * (w + 1) - ((w + 2) * residual) / (2 * w + 2));
    w -= change;
    if (Math.abs(change) <= 1e-15 * Math.max(1, Math.abs(w))) break;
  }
  return w;
}
