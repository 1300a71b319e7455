/**
 * Second-order rounding (the form of GPTQ and OBQ): weights are rounded one input after the other, and each rounding error is
 * compensated in the inputs still to come, as the correlation of the layer's inputs says. Then single flips that lower the output
 * error polish the result. The output error of a channel with code error r is r^T G r, G the inputs' (co)variance.
 */
import { roundHalfEven } from '../../arithmetic/rounding.ts';
import type { CodeGrid } from '../code-grid.ts';
import { addRows } from './add-rows.ts';
import { invertUpper, upperFactor } from './cholesky.ts';

/** G of one group of outputs, made ready once and used for every scale that is tried. */
export interface GramFactor {
  readonly n: number;
  /** G as given, [n][n]. */
  readonly gram: Float64Array<ArrayBuffer>;
  /** Inputs in the order of rounding: the most energetic first, while there are many left to compensate. */
  readonly order: Int32Array<ArrayBuffer>;
  /** U with inverse(H) = U^T U in that order, H = G + damping. */
  readonly inverseFactor: Float64Array<ArrayBuffer>;
  /** What was added to G's diagonal. */
  readonly damping: number;
}

/** `damping` is a share of G's mean diagonal; it grows until the matrix is positive definite (dead inputs make G singular). */
export function factorGram(gram: Float64Array<ArrayBuffer>, n: number, damping = 0.01): GramFactor {
  const diagonal = Float64Array.from({ length: n }, (_, index) => gram[index * n + index]);
  const order = Int32Array.from({ length: n }, (_, index) => index);
  order.sort((a, b) => diagonal[b] - diagonal[a] || a - b);
  const mean = diagonal.reduce((sum, value) => sum + value, 0) / n;
  const permuted = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) permuted[row * n + column] = gram[order[row] * n + order[column]];
  }
  for (let share = damping; ; share *= 10) {
    // With no energy at all every rounding is as good as any other: an identity keeps plain nearest rounding.
    const added = mean > 0 ? share * mean : 1;
    const damped = permuted.slice();
    for (let index = 0; index < n; index++) damped[index * n + index] += added;
    const factor = upperFactor(damped, n);
    if (factor !== null) return { n, gram, order, inverseFactor: invertUpper(factor, n), damping: added };
  }
}

export interface RoundedChannel {
  /** r^T G r with r = scale * code - weight. */
  readonly error: number;
}

const polishSweeps = 3;
/** Weights that are compensated one by one, before what all of them leave goes to the rest. */
const blockColumns = 16;

/** Rounds one output channel at one scale; writes its `n` codes from `codes[at]` on. */
export function roundChannelByGram(
  weights: Float32Array | Float64Array,
  scale: number,
  factor: GramFactor,
  grid: CodeGrid,
  codes: Int8Array,
  at: number,
): RoundedChannel {
  const { n, order, inverseFactor } = factor;
  const pending = new Float64Array(n);
  for (let k = 0; k < n; k++) pending[k] = weights[order[k]];
  const corrections = new Float64Array(blockColumns);
  for (let start = 0; start < n; start += blockColumns) {
    const end = Math.min(n, start + blockColumns);
    for (let k = start; k < end; k++) {
      const rounded = roundHalfEven(pending[k] / scale);
      const code = Math.min(grid.qMax, Math.max(grid.qMin, rounded));
      codes[at + order[k]] = code;
      const row = k * n;
      const correction = (scale * code - pending[k]) / inverseFactor[row + k];
      corrections[k - start] = correction;
      for (let j = k + 1; j < end; j++) pending[j] += correction * inverseFactor[row + j];
    }
    addRows(pending, inverseFactor, n, start, corrections, end - start, end);
  }
  return { error: polish(weights, scale, factor, grid, codes, at) };
}

/** Flips single codes while that lowers the output error; returns the error that is left. */
function polish(
  weights: Float32Array | Float64Array,
  scale: number,
  { n, gram }: GramFactor,
  grid: CodeGrid,
  codes: Int8Array,
  at: number,
): number {
  const residual = new Float64Array(n);
  for (let index = 0; index < n; index++) residual[index] = scale * codes[at + index] - weights[index];
  const gradient = new Float64Array(n);
  addRows(gradient, gram, n, 0, residual, n, 0);
  for (let sweep = 0; sweep < polishSweeps; sweep++) {
    let flips = 0;
    for (let index = 0; index < n; index++) {
      const direction = gradient[index] > 0 ? -1 : 1;
      const moved = codes[at + index] + direction;
      if (moved < grid.qMin || moved > grid.qMax) continue;
      const change = direction * scale;
      if (2 * change * gradient[index] + change * change * gram[index * n + index] >= 0) continue;
      codes[at + index] = moved;
      residual[index] += change;
      for (let column = 0; column < n; column++) gradient[column] += change * gram[index * n + column];
      flips++;
    }
    if (flips === 0) break;
  }
  let error = 0;
  for (let index = 0; index < n; index++) error += residual[index] * gradient[index];
  return Math.max(0, error);
}
