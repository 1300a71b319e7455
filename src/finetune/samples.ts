/** The training data in memory: split into training and held-out samples, shuffled for each epoch, cut into varied batches. */
import { BitwrightError } from '../base/errors.ts';
import { type Random, seededRandom } from '../base/random.ts';
import { elementCount, type Tensor } from '../base/tensor.ts';
import type { Dataset } from '../data/dataset.ts';
import { matchDataset } from '../data/match-dataset.ts';
import type { Graph } from '../graph/graph.ts';
import { type Augmentation, checkAugmentation, copyVaried, isVaried } from './augment.ts';

/** Most bytes of samples that are kept in memory. */
const samplesBytesMax = 4 * 2 ** 30;

export interface TrainingSamples {
  /** One tensor for each graph input, [samples, ...]. */
  readonly inputs: readonly Tensor[];
  readonly labels: Int32Array<ArrayBuffer> | null;
  readonly training: Int32Array<ArrayBuffer>;
  readonly heldOut: Int32Array<ArrayBuffer>;
}

export interface SamplingOptions {
  readonly batch: number;
  readonly heldOutShare: number;
  readonly seed: number;
  readonly augmentation: Augmentation | null;
}

/** How many samples are held out. Throws DATASET_INVALID where a batch and a held-out set do not come out of the data. */
export function checkSampleCount(
  dataset: Dataset,
  { batch, heldOutShare }: Pick<SamplingOptions, 'batch' | 'heldOutShare'>,
): number {
  const heldOutCount = Math.round(dataset.samples * heldOutShare);
  if (dataset.samples - heldOutCount < batch || (heldOutShare > 0 && heldOutCount < 1)) {
    throw new BitwrightError('DATASET_INVALID', {
      message: 'too few samples to train with',
      where: dataset.source,
      seen: dataset.samples,
      allowed: `a batch of ${batch} and a share of ${heldOutShare} held out`,
      next: 'Give more samples or a smaller batch.',
    });
  }
  return heldOutCount;
}

/**
 * Reads the whole set and splits it. Throws DATASET_INVALID where a batch and a held-out set do not come out of it,
 * DATASET_MISMATCH where it does not fit the graph, and USAGE where the augmentation does not fit its samples.
 */
export async function loadSamples(
  graph: Graph,
  dataset: Dataset,
  { batch, heldOutShare, seed, augmentation }: SamplingOptions,
): Promise<TrainingSamples> {
  const matched = matchDataset(dataset, graph);
  const heldOutCount = checkSampleCount(dataset, { batch, heldOutShare });
  const sampleBytes = matched.inputs.reduce((sum, input) => sum + 4 * elementCount(input.sampleShape), 0);
  if (sampleBytes * dataset.samples > samplesBytesMax) {
    throw new BitwrightError('DATASET_INVALID', {
      message: 'the training set does not fit into the memory that training allows',
      where: dataset.source,
      seen: `${sampleBytes * dataset.samples} bytes`,
      allowed: `${samplesBytesMax} bytes`,
      next: 'Use fewer samples.',
    });
  }
  const inputs = await matched.read(0, dataset.samples);
  checkAugmentation(inputs, augmentation);
  const order = shuffled(dataset.samples, seededRandom(seed));
  return {
    inputs,
    labels: dataset.labels,
    training: order.subarray(heldOutCount),
    heldOut: order.slice(0, heldOutCount).sort(),
  };
}

/** 0..count-1 in random order. */
export function shuffled(count: number, random: Random): Int32Array<ArrayBuffer> {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index--) {
    const other = random.integer(0, index);
    [order[index], order[other]] = [order[other]!, order[index]!];
  }
  return order;
}

/** A seed for one purpose and count out of the run's; any fixed mixing will do. */
export function derivedSeed(seed: number, purpose: number, count: number): number {
  return (Math.imul(seed ^ Math.imul(purpose + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(count + 1, 0xc2b2ae35)) | 0;
}

/**
 * Sample numbers of any step's batch, a function of the seed and the step alone. Every epoch has an order of its own; the rest of an
 * epoch that fills no batch is left out.
 */
export function batchOrder({ training }: TrainingSamples, batch: number, seed: number): (step: number) => Int32Array {
  const perEpoch = Math.floor(training.length / batch);
  let epoch = -1;
  let order = training;
  return (step) => {
    const current = Math.floor(step / perEpoch);
    if (current !== epoch) {
      epoch = current;
      order = shuffled(training.length, seededRandom(derivedSeed(seed, 1, epoch)));
    }
    const first = (step % perEpoch) * batch;
    return order.subarray(first, first + batch).map((position) => training[position]!);
  };
}

/** Gathers samples of every input; float inputs with a height and a width are varied. */
export function gatherBatch(
  { inputs }: TrainingSamples,
  chosen: Int32Array,
  augmentation: Augmentation | null,
  random: Random,
): Tensor[] {
  return inputs.map((input) => {
    const shape = [chosen.length, ...input.shape.slice(1)];
    const size = elementCount(shape) / chosen.length;
    const data = new (input.data.constructor as new (length: number) => Tensor['data'])(elementCount(shape));
    const vary = augmentation !== null && isVaried(input);
    chosen.forEach((sample, position) => {
      const source = input.data.subarray(sample * size, (sample + 1) * size);
      if (vary) {
        copyVaried(source as Float32Array, shape.slice(1), data as Float32Array, position * size, augmentation, random);
      } else data.set(source as never, position * size);
    });
    return { dtype: input.dtype, shape, data };
  });
}
