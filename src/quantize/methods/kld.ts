/**
 * KLD (Migacz, GTC 2017, in the form of MXNet's calibration): the clipping threshold whose quantized histogram loses the least
 * information, measured by the Kullback-Leibler divergence from the clipped histogram with its outliers in the edge bins.
 */
import { stepOfRange } from '../code-grid.ts';
import type { Distribution } from '../distribution.ts';
import type { StepMethod } from '../step-method.ts';

export const method: StepMethod = {
  name: 'kld',
  title: 'Least Kullback-Leibler divergence of the histogram (TensorRT).',
  weightMethod: 'max-abs',
  choose(distribution, grid) {
    const oneSided = distribution.min >= 0;
    const groups = grid.qMax - grid.qMin;
    const threshold = kldThreshold(distribution, groups, oneSided);
    return stepOfRange(
      oneSided ? 0 : Math.max(distribution.min, -threshold),
      Math.min(distribution.max, threshold),
      grid,
    );
  },
};

// --- Internal helpers ---

const oneSidedBins = 2048;
/** Odd, so that zero has a bin of its own. */
const twoSidedBins = 2001;
const smoothing = 1e-4;

/** The best threshold for `groups` quantized bins; the largest magnitude where the histogram is too coarse to choose. */
export function kldThreshold(distribution: Distribution, groups: number, oneSided: boolean): number {
  const largest = Math.max(Math.abs(distribution.min), Math.abs(distribution.max));
  const bins = oneSided ? oneSidedBins : twoSidedBins;
  const histogram = rebin(distribution, largest, bins, oneSided);
  const binWidth = (oneSided ? 1 : 2) * (largest / bins);
  let best = { divergence: Infinity, threshold: largest };
  const centre = (bins - 1) / 2;
  const first = oneSided ? groups : groups >> 1;
  const last = oneSided ? bins : centre;
  for (let size = first; size <= last; size++) {
    const start = oneSided ? 0 : centre - size;
    const stop = oneSided ? size : centre + size + 1;
    const divergence = divergenceOfSlice(histogram, start, stop, groups);
    if (divergence < best.divergence) best = { divergence, threshold: (oneSided ? size : size + 0.5) * binWidth };
  }
  return best.threshold;
}

function rebin({ values, counts }: Distribution, largest: number, bins: number, oneSided: boolean): Float64Array {
  const histogram = new Float64Array(bins);
  const low = oneSided ? 0 : -largest;
  const perUnit = bins / ((oneSided ? 1 : 2) * largest);
  for (let index = 0; index < values.length; index++) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((values[index] - low) * perUnit)));
    histogram[bin] += counts === null ? 1 : counts[index];
  }
  // As NVIDIA's own calibrator: the zeros of a Relu are exact under every step, and their pile would outweigh all that is at stake.
  if (oneSided) histogram[0] = histogram[1];
  return histogram;
}

/** KL(P || Q) of one slice: P with the outliers on its edges, Q the slice merged into `groups` bins and spread out again. */
function divergenceOfSlice(histogram: Float64Array, start: number, stop: number, groups: number): number {
  const size = stop - start;
  const clipped = histogram.slice(start, stop);
  for (let bin = 0; bin < start; bin++) clipped[0] += histogram[bin];
  for (let bin = stop; bin < histogram.length; bin++) clipped[size - 1] += histogram[bin];
  const spread = new Float64Array(size);
  const width = Math.floor(size / groups);
  for (let group = 0; group < groups; group++) {
    const from = group * width;
    const to = group === groups - 1 ? size : from + width;
    let mass = 0;
    let used = 0;
    for (let bin = from; bin < to; bin++) {
      mass += histogram[start + bin];
      if (clipped[bin] !== 0) used++;
    }
    for (let bin = from; bin < to; bin++) if (clipped[bin] !== 0) spread[bin] = mass / used;
  }
  return smooth(clipped) && smooth(spread) ? divergence(clipped, spread) : Infinity;
}

/** Moves a little mass from non-empty to empty bins, in place; false where there is too little to move. */
function smooth(bins: Float64Array): boolean {
  let empty = 0;
  for (const mass of bins) if (mass === 0) empty++;
  const full = bins.length - empty;
  if (full === 0) return false;
  const share = (smoothing * empty) / full;
  if (share >= 1) return false;
  for (let bin = 0; bin < bins.length; bin++) bins[bin] = bins[bin] === 0 ? smoothing : bins[bin] - share;
  return true;
}

function divergence(p: Float64Array, q: Float64Array): number {
  let sumP = 0;
  let sumQ = 0;
  for (let bin = 0; bin < p.length; bin++) {
    sumP += p[bin];
    sumQ += q[bin];
  }
  let total = 0;
  for (let bin = 0; bin < p.length; bin++) {
    if (p[bin] <= 0) continue;
    if (q[bin] <= 0) return Infinity;
    total += (p[bin] / sumP) * Math.log((p[bin] / sumP) * (sumQ / q[bin]));
  }
  return total;
}
