/** What one float pass over the calibration set leaves behind: all that step-size initialisers and bias correction need. */
import type { Tensor } from '../base/tensor.ts';

/** Equal-width histogram: bin i covers [lowest + i * binWidth, lowest + (i + 1) * binWidth). */
export interface Histogram {
  readonly lowest: number;
  readonly binWidth: number;
  readonly counts: Float64Array<ArrayBuffer>;
}

export interface ValueStatistics {
  readonly min: number;
  readonly max: number;
  readonly histogram: Histogram;
  /** Mean over samples and positions per channel (axis 1), float64. */
  readonly channelMean: Float64Array<ArrayBuffer>;
  /** Mean square and largest magnitude, likewise. */
  readonly channelMeanSquare: Float64Array<ArrayBuffer>;
  readonly channelMax: Float64Array<ArrayBuffer>;
}

export interface Statistics {
  readonly samples: number;
  /** By activation value name of the rewritten graph, graph inputs included. */
  readonly values: ReadonlyMap<string, ValueStatistics>;
  /** Float values of the graph's outputs, and of the input of a trailing softmax under its own name; shape [samples, ...]. */
  readonly outputs: ReadonlyMap<string, Tensor<Float32Array<ArrayBuffer>>>;
}
