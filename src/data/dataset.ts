/** A labelled set of samples as the model wants them, whatever file it comes from. Samples are read in slices so that big sets need not fit in memory. */
import type { Shape, Tensor } from '../base/tensor.ts';

export type Metric = 'top-1' | 'hit-rate@10' | 'none';

export interface DatasetInput {
  /** Graph input name, or null where the manifest left it out (the model has one input). */
  readonly name: string | null;
  /** Shape of one sample without the batch axis, in the model's layout (NCHW without N). */
  readonly sampleShape: Shape;
  readonly dtype: 'float32' | 'int64';
}

export interface Dataset {
  /** Manifest or file path as given, for messages. */
  readonly source: string;
  readonly samples: number;
  readonly inputs: readonly DatasetInput[];
  /** One tensor per input, shape [count, ...sampleShape], preprocessed. */
  read(start: number, count: number): Promise<Tensor[]>;
  readonly labels: Int32Array<ArrayBuffer> | null;
  readonly metric: Metric;
  /** For hit-rate: samples come in groups of `groupSize`; `positive` is the index of the true one in each. */
  readonly ranking: { readonly groupSize: number; readonly positive: number } | null;
}
