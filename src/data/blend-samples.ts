/**
 * Convex combinations of neighbouring samples (the inputs of mixup, Zhang et al., 1710.09412). A model that has fitted its calibration
 * samples is certain of each of them; of a blend it is not, as it is not of data it has never seen.
 */
import { BitwrightError } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Dataset } from './dataset.ts';

/**
 * The first `samples` samples, each with `share` (0 to 0.5) of the one before it put in, the first with that of the last. Without labels:
 * a blend has none. Throws DATASET_MISMATCH where an input holds indices.
 */
export function blendSamples(dataset: Dataset, samples: number, share: number): Dataset {
  const indices = dataset.inputs.find(({ dtype }) => dtype !== 'float32');
  if (indices !== undefined) {
    throw new BitwrightError('DATASET_MISMATCH', {
      message: 'indices cannot be blended',
      where: `${dataset.source}: input ${indices.name ?? '(no name)'}`,
      seen: indices.dtype,
      allowed: 'float32',
      next: 'Leave --blend out.',
    });
  }
  return {
    ...dataset,
    samples,
    labels: null,
    async read(start, count) {
      const others = start > 0 ? [] : await dataset.read(samples - 1, 1);
      const own = await dataset.read(Math.max(0, start - 1), start > 0 ? count + 1 : count);
      return own.map((tensor, port) => blended(tensor, others[port], share));
    },
  };
}

/** Every sample with its predecessor; `first` is that of the first one, which otherwise only gives and is left out. */
function blended(tensor: Tensor, first: Tensor | undefined, share: number): Tensor {
  const [rows, ...shape] = tensor.shape;
  const own = tensor.data as Float32Array;
  const width = own.length / rows!;
  const before = new Float32Array(own.length + (first === undefined ? 0 : width));
  if (first !== undefined) before.set(first.data as Float32Array);
  before.set(own, first === undefined ? 0 : width);
  const data = new Float32Array(before.length - width);
  for (let at = 0; at < data.length; at++) data[at] = (1 - share) * before[at + width]! + share * before[at]!;
  return { dtype: 'float32', shape: [data.length / width, ...shape], data };
}
