/** Sets of real samples, too large to be held as such, on their way to the codes that a program takes. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { BitwrightError } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import { type ProgramTensor, tensorElements } from '../graph/integer-program.ts';
import type { CodeArray, SampleBatch } from './engine.ts';
import { quantizeSamples } from './quantize-samples.ts';

/** Samples that are read in slices, in whatever order; a `Dataset` is one. */
export interface RealSamples {
  readonly samples: number;
  /** One tensor per program input, [count, ...] in the model's layout. */
  read(start: number, count: number): Promise<readonly Tensor[]>;
}

/** Most elements in hand as reals, all inputs together; one sample where that is more. */
const sliceElementsMax = 2 ** 21;
/** A slice as it was read, and in the program's layout. */
const sliceCopies = 2;

/** Bytes of reals and codes that are in hand on top of the result, for samples of `elements` elements. */
export function sliceBytes(elements: number): number {
  const elementBytes = sliceCopies * Float32Array.BYTES_PER_ELEMENT + Int16Array.BYTES_PER_ELEMENT;
  return elementBytes * Math.max(elements, sliceElementsMax);
}

/**
 * All samples of `sets`, one set after the other; `order`, the same in each: position in the result -> position in the set. Throws
 * DATASET_MISMATCH where samples do not fit `tensors` or fewer come than were asked for.
 */
export async function readCodes(
  sets: readonly RealSamples[],
  tensors: readonly ProgramTensor[],
  rounding: NumericProfile['quantizeInput'],
  order: readonly number[] | null = null,
): Promise<SampleBatch> {
  const widths = tensors.map(tensorElements);
  const samples = sets.reduce((sum, set) => sum + set.samples, 0);
  const step = Math.max(1, Math.floor(sliceElementsMax / widths.reduce((sum, width) => sum + width, 0)));
  const places = order === null ? null : inverse(order);
  const inputs: CodeArray[] = [];
  let first = 0;
  for (const set of sets) {
    for (let start = 0; start < set.samples; start += step) {
      const count = Math.min(step, set.samples - start);
      const slice = codesOf(await set.read(start, count), count, tensors, rounding);
      slice.forEach((codes, port) => {
        const width = widths[port]!;
        inputs[port] ??= emptyLike(codes, samples * width);
        for (let sample = 0; sample < count; sample++) {
          const place = first + (places?.[start + sample] ?? start + sample);
          inputs[port].set(codes.subarray(sample * width, (sample + 1) * width), place * width);
        }
      });
    }
    first += set.samples;
  }
  return { samples, inputs };
}

function codesOf(
  reals: readonly Tensor[],
  count: number,
  tensors: readonly ProgramTensor[],
  rounding: NumericProfile['quantizeInput'],
): SampleBatch['inputs'] {
  const described = tensors.map((tensor, port) => ({ tensor, samples: reals[port]! }));
  const slice = quantizeSamples(described, rounding);
  if (slice.samples !== count) {
    throw new BitwrightError('DATASET_MISMATCH', {
      message: 'the data set holds another number of samples than it says',
      seen: slice.samples,
      allowed: `${count} at once`,
      next: 'Make the data set again, or see that its manifest belongs to its files.',
    });
  }
  return slice.inputs;
}

function emptyLike(codes: CodeArray, length: number): CodeArray {
  return new (codes.constructor as new (length: number) => CodeArray)(length);
}

function inverse(order: readonly number[]): number[] {
  const places: number[] = [];
  order.forEach((from, to) => {
    places[from] = to;
  });
  return places;
}
