/** The original model's answers on a data set: the yardstick that every quantized accuracy is compared with. */
import { BitwrightError } from '../base/errors.ts';
import { elementCount, type Tensor } from '../base/tensor.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import { createFloatEngine, type FloatEngineOptions } from './float-engine.ts';

export interface FloatRunOptions extends FloatEngineOptions {
  /** First sample and number of samples; default: all. */
  readonly start?: number;
  readonly count?: number;
  readonly batch?: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Runs the samples through the model as it is in the file, or through a graph; returns its outputs in order, shape [count, ...]. */
export async function runFloatModel(
  model: Uint8Array | Graph,
  dataset: Dataset,
  options: FloatRunOptions = {},
): Promise<Tensor[]> {
  const { start = 0, batch = 32 } = options;
  const count = Math.min(options.count ?? dataset.samples - start, dataset.samples - start);
  const engine = await createFloatEngine(model, options);
  try {
    // A model with a fixed batch of 1 takes one sample at a time.
    const fixed = engine.inputs.some((input) => typeof input.shape[0] === 'number');
    const step = fixed ? 1 : batch;
    const order = inputOrder(
      dataset,
      engine.inputs.map((input) => input.name),
    );
    const parts: Tensor[][] = engine.outputs.map(() => []);
    for (let done = 0; done < count; done += step) {
      options.signal?.throwIfAborted();
      const tensors = await dataset.read(start + done, Math.min(step, count - done));
      const shaped = order.map((from, index) => shapeFor(tensors[from]!, engine.inputs[index]!.shape));
      const results = await engine.run(shaped);
      for (const [index, name] of engine.outputs.entries()) parts[index]!.push(results.get(name)!);
      options.onProgress?.(Math.min(done + step, count), count);
    }
    return parts.map((list) => joinBatches(list));
  } finally {
    await engine.close();
  }
}

function inputOrder(dataset: Dataset, names: readonly string[]): number[] {
  return names.map((name, index) => {
    const at = dataset.inputs.findIndex((input) => input.name === name);
    if (at >= 0) return at;
    if (dataset.inputs.length === names.length && dataset.inputs[index]!.name === null) return index;
    throw new BitwrightError('DATASET_MISMATCH', {
      message: 'the data set does not have this input of the model',
      where: `${dataset.source}: input ${name}`,
      seen: dataset.inputs.map((input) => input.name ?? '(no name)').join(', '),
    });
  });
}

/** Puts in the axes of size 1 that the model's input has and the sample does not. */
function shapeFor(tensor: Tensor, wanted: readonly (number | string)[]): Tensor {
  const sizes = wanted.slice(1);
  if (sizes.length + 1 === tensor.shape.length || sizes.some((size) => typeof size !== 'number')) return tensor;
  const shape = [tensor.shape[0]!, ...(sizes as number[])];
  return elementCount(shape) === tensor.data.length ? { ...tensor, shape } : tensor;
}

/** Joins batches of one value along the batch axis. */
export function joinBatches(parts: readonly Tensor[]): Tensor {
  const first = parts[0]!;
  const samples = parts.reduce((sum, part) => sum + part.shape[0]!, 0);
  const shape = [samples, ...first.shape.slice(1)];
  const kind = first.data.constructor as new (length: number) => Tensor['data'];
  const data = new kind(elementCount(shape));
  let at = 0;
  for (const part of parts) {
    data.set(part.data as never, at);
    at += part.data.length;
  }
  return { ...first, shape, data };
}
