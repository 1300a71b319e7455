/** Sets of samples as codes: in slices, in order, against the whole set quantized at once. */
import { describe, expect, it } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor, type Tensor } from '../../../src/base/tensor.ts';
import type { ProgramTensor } from '../../../src/graph/integer-program.ts';
import { quantizeSamples } from '../../../src/simulate/quantize-samples.ts';
import { type RealSamples, readCodes } from '../../../src/simulate/read-codes.ts';

const rounding = getProfile('cmsis-nn').quantizeInput;

function port(name: string, shape: readonly number[], dtype: ProgramTensor['dtype']): ProgramTensor {
  return { name, shape, dtype, scale: 0.05, zeroPoint: dtype === 'int8' ? 3 : 0, arenaOffsetBytes: 0 } as ProgramTensor;
}

/** Two inputs: an image, whose layout changes, and a row of indices. */
const image = port('image', [1, 5, 4, 3], 'int8');
const row = port('row', [1, 2], 'int32');
const tensors = [image, row];

function setOf(samples: number, seed: number) {
  const random = seededRandom(seed);
  const images = Float32Array.from({ length: samples * 60 }, () => 3 * random.normal());
  const rows = Int32Array.from({ length: samples * 2 }, () => random.integer(0, 1000));
  const part = (start: number, count: number): Tensor[] => [
    floatTensor([count, 3, 5, 4], images.slice(start * 60, (start + count) * 60)),
    { dtype: 'int32', shape: [count, 2], data: rows.slice(start * 2, (start + count) * 2) },
  ];
  const asked: number[] = [];
  const set: RealSamples = {
    samples,
    read: async (start, count) => {
      asked.push(count);
      return part(start, count);
    },
  };
  const [images32, rows32] = part(0, samples);
  const described = [
    { tensor: image, samples: images32 },
    { tensor: row, samples: rows32 },
  ];
  return { set, asked, whole: quantizeSamples(described, rounding) };
}

describe('readCodes', () => {
  it('gives what the whole set would give at once, however many slices it comes in', async () => {
    // 62 elements a sample: 33,825 samples to the slice, so two and a rest.
    const { set, asked, whole } = setOf(70_000, 1);
    const read = await readCodes([set], tensors, rounding);
    expect(asked).toEqual([33_825, 33_825, 2_350]);
    expect(read.samples).toBe(70_000);
    expect(Buffer.compare(Buffer.from(read.inputs[0].buffer), Buffer.from(whole.inputs[0].buffer))).toBe(0);
    expect(Buffer.compare(Buffer.from(read.inputs[1].buffer), Buffer.from(whole.inputs[1].buffer))).toBe(0);
    expect(read.inputs[1]).toBeInstanceOf(Int32Array);
  });

  it('puts each set in order, one after the other', async () => {
    const [first, second] = [setOf(3, 2), setOf(3, 3)];
    const { inputs, samples } = await readCodes([first.set, second.set], tensors, rounding, [2, 0, 1]);
    expect(samples).toBe(6);
    const rows = [first, second].flatMap(({ whole: { inputs } }) =>
      [2, 0, 1].map((sample) => [...inputs[1].slice(2 * sample, 2 * sample + 2)]),
    );
    expect([...inputs[1]]).toEqual(rows.flat());
    const images = [first, second].flatMap(({ whole: { inputs } }) =>
      [2, 0, 1].map((sample) => [...inputs[0].slice(60 * sample, 60 * sample + 60)]),
    );
    expect([...inputs[0]]).toEqual(images.flat());
  });

  it('refuses a set that holds fewer samples than it says', async () => {
    const { set } = setOf(3, 4);
    const short = { samples: 5, read: (start: number, count: number) => set.read(start, Math.min(count, 3)) };
    await expect(readCodes([short], tensors, rounding)).rejects.toThrow(
      'the data set holds another number of samples than it says (seen 3, allowed 5 at once)',
    );
  });
});
