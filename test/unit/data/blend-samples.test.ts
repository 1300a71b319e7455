/** Blends of neighbouring samples against hand-worked values, read whole and in parts. */
import { expect, test } from 'vitest';
import { floatTensor } from '../../../src/base/tensor.ts';
import { blendSamples } from '../../../src/data/blend-samples.ts';
import type { Dataset } from '../../../src/data/dataset.ts';

/** Five samples of two values. */
const rows = [
  [0, 8],
  [4, -4],
  [8, 100],
  [-16, 1],
  [1000, 1000],
];

const dataset: Dataset = {
  source: 'rows',
  samples: rows.length,
  inputs: [{ name: 'x', sampleShape: [2], dtype: 'float32' }],
  read: async (start, count) => [floatTensor([count, 2], Float32Array.from(rows.slice(start, start + count).flat()))],
  labels: Int32Array.of(0, 1, 2, 3, 4),
  metric: 'top-1',
  ranking: null,
};

/** A quarter of the sample before; of the fourth, the last of the four in use, for the first. */
const quarters = [
  [-4, 6.25],
  [3, -1],
  [7, 74],
  [-10, 25.75],
];

test('each sample has its share of the one before it, the first one of the last in use', async () => {
  const blends = blendSamples(dataset, 4, 0.25);
  const [all] = await blends.read(0, 4);
  expect(all!.shape).toEqual([4, 2]);
  expect([...all!.data]).toEqual(quarters.flat());
  expect(blends.samples).toBe(4);
  expect(blends.labels).toBeNull();
});

test.each([
  [0, 1],
  [0, 2],
  [1, 1],
  [1, 3],
  [3, 1],
])('a part from %i of %i samples is the same', async (start, count) => {
  const [part] = await blendSamples(dataset, 4, 0.25).read(start, count);
  expect(part!.shape).toEqual([count, 2]);
  expect([...part!.data]).toEqual(quarters.slice(start, start + count).flat());
});

test('indices are refused', () => {
  const indices: Dataset = { ...dataset, inputs: [{ name: 'user', sampleShape: [1], dtype: 'int64' }] };
  expect(() => blendSamples(indices, 4, 0.25)).toThrowError(
    expect.objectContaining({ code: 'DATASET_MISMATCH', message: expect.stringContaining('user') }),
  );
});
