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
  /** The workers' results for their shares of samples [first, last), one array per tensor each, as arrays over those samples. */
  join(parts: readonly (readonly CodeArray[])[], first: number, last: number): CodeArray[];
}

const stripeMax = 8;
const stripesPerWorker = 4;

export function createSampleShares(samples: number, workers: number): SampleShares {
  const stripe = Math.max(1, Math.min(stripeMax, Math.floor(samples / (workers * stripesPerWorker))));
  const round = stripe * workers;
  const shareOf = (worker: number, count: number): number =>
    Math.floor(count / round) * stripe + Math.min(stripe, Math.max(0, (count % round) - worker * stripe));
  /** Calls `copy(worker, its own number of the sample, sample, count)` for every stripe, or part of one, of samples [first, last). */
  const forEachStripe = (
    first: number,
    last: number,
    copy: (worker: number, local: number, sample: number, length: number) => void,
  ): void => {
    for (let sample = first; sample < last; ) {
      const length = Math.min(stripe - (sample % stripe), last - sample);
      const worker = Math.floor(sample / stripe) % workers;
      copy(worker, shareOf(worker, sample), sample, length);
      sample += length;
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
        forEachStripe(0, samples, (worker, local, sample, length) => {
          parts[worker]!.inputs[port]!.set(
            data.subarray(sample * elements, (sample + length) * elements),
            local * elements,
          );
        });
      });
      return parts;
    },
    join(parts, first, last) {
      const before = parts.map((_, worker) => shareOf(worker, first));
      return (parts[0] ?? []).map((like, position) => {
        const total = parts.reduce((sum, part) => sum + part[position]!.length, 0);
        const elements = total / (last - first);
        const joined = sameKind(like, total);
        forEachStripe(first, last, (worker, local, sample, length) => {
          const at = (local - before[worker]!) * elements;
          joined.set(parts[worker]![position]!.subarray(at, at + length * elements), (sample - first) * elements);
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
