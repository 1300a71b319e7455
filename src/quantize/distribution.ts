/**
 * What a step-size initialiser sees of a tensor: weighted points on the real line. Weights come as they are (each value counts
 * once), activations as the non-empty bins of a calibration histogram.
 */
import type { Histogram } from '../calibrate/statistics.ts';

export interface Distribution {
  readonly values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
  /** How often each value occurs; null: once each. */
  readonly counts: Float64Array<ArrayBuffer> | null;
  /** Exact extremes of the tensor (a histogram's bin centres lie inside them). */
  readonly min: number;
  readonly max: number;
}

/** The distribution of values that all count once; they must be finite. */
export function distributionOfValues(values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>): Distribution {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return values.length === 0 ? { values, counts: null, min: 0, max: 0 } : { values, counts: null, min, max };
}

/**
 * Each non-empty bin becomes its centre, clipped to the extremes. Where nothing is negative, the lowest bin becomes `min` itself:
 * behind a Relu that bin holds the exact zeros, which cost no quantization error and must not look as if they did.
 */
export function distributionOfHistogram(histogram: Histogram, min: number, max: number): Distribution {
  const { lowest, binWidth, counts } = histogram;
  const used: number[] = [];
  for (let bin = 0; bin < counts.length; bin++) if (counts[bin] > 0) used.push(bin);
  const centre = (bin: number): number => {
    if (bin === 0 && min >= 0) return min;
    return Math.min(max, Math.max(min, lowest + (bin + 0.5) * binWidth));
  };
  return {
    values: Float64Array.from(used, centre),
    counts: Float64Array.from(used, (bin) => counts[bin]),
    min,
    max,
  };
}

/** One distribution for several tensors that share a scale. */
export function mergeDistributions(parts: readonly Distribution[]): Distribution {
  if (parts.length === 1) return parts[0];
  const length = parts.reduce((sum, part) => sum + part.values.length, 0);
  const values = new Float64Array(length);
  const counts = new Float64Array(length);
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    if (part.counts === null) counts.fill(1, at, at + part.values.length);
    else counts.set(part.counts, at);
    at += part.values.length;
  }
  const min = parts.reduce((least, part) => Math.min(least, part.min), Infinity);
  const max = parts.reduce((most, part) => Math.max(most, part.max), -Infinity);
  return { values, counts, min, max };
}

/** Weighted moments that the analytic methods need. `nonZero` leaves exact zeros out (a Relu's pile at zero is no tail). */
export function momentsOf(
  distribution: Distribution,
  nonZero = false,
): { count: number; mean: number; meanAbsolute: number; meanSquare: number; meanAbsoluteDeviation: number } {
  const { values, counts } = distribution;
  let count = 0;
  let sum = 0;
  let absolute = 0;
  let square = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (nonZero && value === 0) continue;
    const weight = counts === null ? 1 : counts[index];
    count += weight;
    sum += weight * value;
    absolute += weight * Math.abs(value);
    square += weight * value * value;
  }
  if (count === 0) return { count: 0, mean: 0, meanAbsolute: 0, meanSquare: 0, meanAbsoluteDeviation: 0 };
  const mean = sum / count;
  let deviation = 0;
  for (let index = 0; index < values.length; index++) {
    if (nonZero && values[index] === 0) continue;
    deviation += (counts === null ? 1 : counts[index]) * Math.abs(values[index] - mean);
  }
  return {
    count,
    mean,
    meanAbsolute: absolute / count,
    meanSquare: square / count,
    meanAbsoluteDeviation: deviation / count,
  };
}
