/**
 * Weights on their grid and between grid and float. The blend w_ab = (1 - alpha) w + alpha Q(w) is what the training graph sees;
 * Q(w) is computed again from w at every step, with no gradient of its own.
 */
import { roundHalfEven } from '../arithmetic/rounding.ts';

export interface WeightGrid {
  /** Name of the node in the plan. */
  readonly node: string;
  readonly bits: number;
  readonly qMin: number;
  readonly qMax: number;
  /** Two levels, -scale and +scale; the scale of a channel is the mean magnitude of its weights at every step. */
  readonly binary: boolean;
  readonly perChannel: boolean;
  /** One scale for each output channel or one for all. Learned scales and those of binary weights change in place. */
  readonly scales: Float32Array<ArrayBuffer>;
}

/** Channel of each scale: `visit(scale index, first weight, one past the last)`. */
function eachSlice(grid: WeightGrid, length: number, visit: (slice: number, from: number, to: number) => void): void {
  const size = length / grid.scales.length;
  for (let slice = 0; slice < grid.scales.length; slice++) visit(slice, slice * size, (slice + 1) * size);
}

/** Codes of the weights. For binary weights the scales are set to the mean magnitudes first. */
export function quantizeWeights(grid: WeightGrid, weights: Float32Array, codes: Int8Array): void {
  eachSlice(grid, weights.length, (slice, from, to) => {
    if (grid.binary) {
      grid.scales[slice] = meanMagnitude(weights, from, to);
      for (let index = from; index < to; index++) codes[index] = weights[index]! >= 0 ? 1 : -1;
      return;
    }
    const scale = grid.scales[slice]!;
    for (let index = from; index < to; index++) {
      const code = roundHalfEven(Math.fround(weights[index]! / scale));
      codes[index] = Math.min(grid.qMax, Math.max(grid.qMin, code));
    }
  });
}

function meanMagnitude(weights: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += Math.abs(weights[index]!);
  return Math.max(sum / (to - from), 1e-8);
}

/** Writes (1 - alpha) w + alpha scale code into `blended`. */
export function blendWeights(
  grid: WeightGrid,
  weights: Float32Array,
  codes: Int8Array,
  alpha: number,
  blended: Float32Array,
): void {
  eachSlice(grid, weights.length, (slice, from, to) => {
    const step = alpha * grid.scales[slice]!;
    for (let index = from; index < to; index++) blended[index] = (1 - alpha) * weights[index]! + step * codes[index]!;
  });
}

/**
 * d loss / d ln(scale) for learned steps: alpha times the sum of gradient * scale * dQ/dscale, with dQ/dscale = code - w / scale inside
 * the range and the end of the range where the weight saturates (LSQ, arXiv 1902.08153).
 */
export function logScaleGradients(
  grid: WeightGrid,
  weights: Float32Array,
  codes: Int8Array,
  gradient: Float32Array,
  alpha: number,
): Float64Array {
  const result = new Float64Array(grid.scales.length);
  eachSlice(grid, weights.length, (slice, from, to) => {
    const scale = grid.scales[slice]!;
    let sum = 0;
    for (let index = from; index < to; index++) {
      const ratio = weights[index]! / scale;
      const inside = ratio >= grid.qMin && ratio <= grid.qMax;
      sum += gradient[index]! * (inside ? codes[index]! - ratio : codes[index]!);
    }
    result[slice] = alpha * sum * scale;
  });
  return result;
}

/**
 * Where a weight starts whose code is not the nearest, in steps from its code. At a border (0.5) an update of any size flips the code if
 * it points outwards, and so undoes a second-order rounding, which chose that code against the nearest one.
 */
const startReach = 0.25;

/**
 * Weights that round to the given codes: as they are where that is so already, else a quarter step from the code on their side. A plan
 * whose codes were rounded cleverly then starts training at exactly those codes instead of at the nearest ones, and leaves them only where
 * the gradient keeps saying so.
 */
export function weightsOfCodes(grid: WeightGrid, weights: Float32Array, codes: Int8Array): Float32Array<ArrayBuffer> {
  const moved = new Float32Array(weights);
  const nearest = new Int8Array(weights.length);
  quantizeWeights(grid, weights, nearest);
  eachSlice(grid, weights.length, (slice, from, to) => {
    const scale = grid.scales[slice]!;
    for (let index = from; index < to; index++) {
      const code = codes[index]!;
      if (nearest[index] === code) continue;
      const low = code === grid.qMin ? Number.NEGATIVE_INFINITY : (code - startReach) * scale;
      const high = code === grid.qMax ? Number.POSITIVE_INFINITY : (code + startReach) * scale;
      moved[index] = Math.min(high, Math.max(low, weights[index]!));
    }
  });
  return moved;
}
