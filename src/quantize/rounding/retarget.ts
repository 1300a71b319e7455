/**
 * Weights for inputs that are no longer those that they were made for: the least-squares answer, with its outputs as loud as they were.
 * Least squares on noisy inputs answers with outputs that are too quiet (errors in variables: it trusts an input by the share of it that
 * is signal). One such layer is the best guess; fifty in a row fade, while the steps of the activations between them stay as they are.
 */
import type { GramFactor } from './gram.ts';

/** What is known of the inputs that the weights were made for (x), beside those that they will meet (y): covariances, [n][n]. */
export interface FormerInputs {
  /** Of x with itself. */
  readonly own: Float64Array;
  /** Of x (rows) with y (columns). */
  readonly cross: Float64Array;
}

/** Most that outputs are made louder: beyond it hardly any of the signal is left to be made louder. */
const gainMax = 2;

/**
 * The real weights v that come closest to w x with v y, pulled towards w by the damping of `factor`, whose matrix is of y; times what gives
 * v y the variance of w x where it has less.
 */
export function retargetChannel(
  weights: Float32Array | Float64Array,
  { own, cross }: FormerInputs,
  factor: GramFactor,
): Float64Array<ArrayBuffer> {
  const target = regressed(weights, cross, factor);
  const gain = Math.sqrt(variance(weights, own, factor.n) / variance(target, factor.gram, factor.n));
  // Neither where an output is constant, now or before: the gain is infinite there, or no number.
  if (!Number.isFinite(gain) || gain <= 1) return target;
  return target.map((value) => value * Math.min(gainMax, gain));
}

function regressed(
  weights: Float32Array | Float64Array,
  cross: Float64Array,
  { n, order, inverseFactor, damping }: GramFactor,
): Float64Array<ArrayBuffer> {
  const right = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    const weight = weights[row];
    for (let column = 0; column < n; column++) right[column] += weight * cross[row * n + column];
    right[row] += damping * weight;
  }
  // v = inverse(H) right = U^T (U right), in the order of the factor.
  const half = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    let sum = 0;
    for (let column = row; column < n; column++) sum += inverseFactor[row * n + column] * right[order[column]];
    half[row] = sum;
  }
  const solved = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    const value = half[row];
    for (let column = row; column < n; column++) solved[column] += inverseFactor[row * n + column] * value;
  }
  const result = new Float64Array(n);
  for (let k = 0; k < n; k++) result[order[k]] = solved[k];
  return result;
}

/** Of the outputs that `weights` make of inputs with this covariance [n][n]. */
function variance(weights: Float32Array | Float64Array, covariance: Float64Array, n: number): number {
  let total = 0;
  for (let row = 0; row < n; row++) {
    let sum = 0;
    for (let column = 0; column < n; column++) sum += covariance[row * n + column] * weights[column];
    total += weights[row] * sum;
  }
  return total;
}
