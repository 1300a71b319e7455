/** The inner loops of calibration: range, per-channel sums and histogram counts of one batch. */
import { elementCount, type FloatTensor } from '../base/tensor.ts';
import type { Histogram } from './statistics.ts';

export const histogramBins = 2048;

export interface RangeGatherer {
  /** NaN once a NaN was seen. */
  readonly min: number;
  readonly max: number;
  add(tensor: FloatTensor): void;
  /** Mean per channel (axis 1) over everything added, float64. */
  channelMean(): Float64Array<ArrayBuffer>;
}

/** Gathers range and sums; a tensor of rank 1 has one channel. */
export function rangeGatherer(channels: number): RangeGatherer {
  const sums = new Float64Array(channels);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let perChannel = 0;
  return {
    get min() {
      return min;
    },
    get max() {
      return max;
    },
    add: ({ shape, data }) => {
      const samples = shape[0] ?? 1;
      const inner = elementCount(shape.slice(2));
      perChannel += samples * inner;
      let at = 0;
      for (let sample = 0; sample < samples; sample++) {
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0;
          for (const end = at + inner; at < end; at++) {
            const value = data[at]!;
            sum += value;
            if (value < min) min = value;
            if (value > max) max = value;
          }
          sums[channel]! += sum;
          // A NaN compares false everywhere; it shows in the sum.
          if (Number.isNaN(sum)) min = max = Number.NaN;
        }
      }
    },
    channelMean: () => sums.map((sum) => sum / perChannel),
  };
}

/** Counts values into their bins; the highest value belongs to the last bin. */
export function tallyInto(histogram: Histogram, data: Float32Array): void {
  const { counts, lowest, binWidth } = histogram;
  const last = counts.length - 1;
  for (let index = 0; index < data.length; index++) {
    const bin = Math.floor((data[index]! - lowest) / binWidth);
    counts[Math.min(Math.max(bin, 0), last)]!++;
  }
}
