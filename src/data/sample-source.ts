/** What every kind of data file is to the loader: raw samples of one shape, read in slices. */
import type { DType, Shape, TensorData } from '../base/tensor.ts';

export interface SampleSource {
  readonly samples: number;
  /** Shape of one sample as it lies in the file. */
  readonly shape: Shape;
  readonly dtype: DType;
  /** Layout that the source itself knows (images, IDX images); null where the manifest decides. */
  readonly layout: 'NHWC' | 'HW' | null;
  /** Raw values of samples [start, start + count), one after the other. */
  read(start: number, count: number): Promise<TensorData>;
}
