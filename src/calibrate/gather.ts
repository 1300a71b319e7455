/** The inner loops of calibration: range, per-channel sums and histogram counts of one batch. */
import { elementCount, type FloatTensor } from '../base/tensor.ts';
import type { Histogram } from './statistics.ts';

export const histogramBins = 2048;

export interface RangeGatherer {
  /** NaN once a NaN was seen. */
  readonly min: number;
  readonly max: number;
  add(tensor: FloatTensor): void;
  /** Per channel over everything added, float64. */
  channelMean(): Float64Array<ArrayBuffer>;
  channelMeanSquare(): Float64Array<ArrayBuffer>;
  /** Largest magnitude per channel. */
  channelMax(): Float64Array<ArrayBuffer>;
}

/** Gathers range and sums of `channels` channels along `axis`; a tensor of rank 1 has one channel on axis 1. */
export function rangeGatherer(channels: number, axis = 1): RangeGatherer {
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  const largest = new Float64Array(channels);
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
      const outer = elementCount(shape.slice(0, axis));
      const inner = elementCount(shape.slice(axis + 1));
      perChannel += outer * inner;
      let at = 0;
      let least = min;
      let most = max;
      for (let row = 0; row < outer; row++) {
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0;
          let square = 0;
          let low = data[at]!;
          let high = low;
          for (const end = at + inner; at < end; at++) {
            const value = data[at]!;
            sum += value;
            square += value * value;
            if (value < low) low = value;
            if (value > high) high = value;
          }
          sums[channel]! += sum;
          squares[channel]! += square;
          largest[channel] = Math.max(largest[channel]!, high, -low);
          if (low < least) least = low;
          if (high > most) most = high;
          // A NaN compares false everywhere; it shows in the sum.
          if (Number.isNaN(sum)) least = most = Number.NaN;
        }
      }
      min = least;
      max = most;
    },
    channelMean: () => sums.map((sum) => sum / perChannel),
    channelMeanSquare: () => squares.map((sum) => sum / perChannel),
    channelMax: () => largest,
  };
}

/**
 * Counts values into their bins; the highest value belongs to the last bin. None is below `lowest`. Neighbours are counted in two tables:
 * behind a ReLU most values meet in one bin, and one counter would wait for itself.
 */
export function tallyInto(histogram: Histogram, data: Float32Array): void {
  const { counts, lowest, binWidth } = histogram;
  const bins = counts.length;
  const tallies = new Uint32Array(2 * bins);
  const last = bins - 1;
  const even = data.length - (data.length % 2);
  for (let index = 0; index < even; index += 2) {
    const first = ((data[index]! - lowest) / binWidth) | 0;
    const second = ((data[index + 1]! - lowest) / binWidth) | 0;
    tallies[first < last ? first : last]!++;
    tallies[bins + (second < last ? second : last)]!++;
  }
  if (even < data.length) tallies[Math.min(last, ((data[even]! - lowest) / binWidth) | 0)]!++;
  for (let bin = 0; bin < bins; bin++) counts[bin]! += tallies[bin]! + tallies[bins + bin]!;
}
