/**
 * How the samples of a batch are dealt to workers: in stripes, round robin, so that any first n of them are shared about equally.
 * Inside a worker its samples keep their order.
 */
import { BitwrightError } from '../base/errors.ts';
import type { CodeArray, SampleBatch } from './engine.ts';

export interface SampleShares {
  readonly samples: number;
  /** A batch per worker, copied. Throws DATASET_MISMATCH where an input is no whole number of codes per sample. */
  split(batch: SampleBatch): SampleBatch[];
  /** How many of the first `samples` samples belong to a worker. */
  shareOf(worker: number, samples: number): number;
  /** The workers' results, one array per tensor each, as arrays over samples [0, samples). */
  join(parts: readonly (readonly CodeArray[])[], samples: number): CodeArray[];
}

const stripeMax = 8;
const stripesPerWorker = 4;

export function createSampleShares(samples: number, workers: number): SampleShares {
  const stripe = Math.max(1, Math.min(stripeMax, Math.floor(samples / (workers * stripesPerWorker))));
  const round = stripe * workers;
  const shareOf = (worker: number, count: number): number =>
    Math.floor(count / round) * stripe + Math.min(stripe, Math.max(0, (count % round) - worker * stripe));
  /** Calls `copy(worker, local sample, sample, count)` for every stripe. */
  const forEachStripe = (
    count: number,
    copy: (worker: number, local: number, sample: number, length: number) => void,
  ): void => {
    for (let sample = 0; sample < count; sample += stripe) {
      copy(
        Math.floor(sample / stripe) % workers,
        Math.floor(sample / round) * stripe,
        sample,
        Math.min(stripe, count - sample),
      );
    }
  };
  return {
    samples,
    shareOf,
    split(batch) {
      requireWholeSamples(batch);
      const parts = Array.from({ length: workers }, (_, worker) => ({
        samples: shareOf(worker, samples),
        inputs: batch.inputs.map((data) => sameKind(data, (data.length / samples) * shareOf(worker, samples))),
      }));
      batch.inputs.forEach((data, port) => {
        const elements = data.length / samples;
        forEachStripe(samples, (worker, local, sample, length) => {
          parts[worker]!.inputs[port]!.set(
            data.subarray(sample * elements, (sample + length) * elements),
            local * elements,
          );
        });
      });
      return parts;
    },
    join(parts, count) {
      return (parts[0] ?? []).map((first, position) => {
        const total = parts.reduce((sum, part) => sum + part[position]!.length, 0);
        const elements = total / count;
        const joined = sameKind(first, total);
        forEachStripe(count, (worker, local, sample, length) => {
          const part = parts[worker]![position]!;
          joined.set(part.subarray(local * elements, (local + length) * elements), sample * elements);
        });
        return joined;
      });
    },
  };
}

function sameKind(like: CodeArray, length: number): CodeArray {
  if (like instanceof Int8Array) return new Int8Array(length);
  return like instanceof Int16Array ? new Int16Array(length) : new Int32Array(length);
}

function requireWholeSamples({ samples, inputs }: SampleBatch): void {
  const fits = Number.isInteger(samples) && samples >= 1 && inputs.every(({ length }) => length % samples === 0);
  if (fits) return;
  throw new BitwrightError('DATASET_MISMATCH', {
    message: 'the inputs are no whole number of samples',
    where: 'simulator',
    seen: `${inputs.map(({ length }) => length).join(', ')} codes`,
    allowed: `a multiple of ${samples} samples`,
  });
}
