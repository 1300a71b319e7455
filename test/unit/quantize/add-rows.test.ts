/** Sums of rows against one row after the other: equal to the last bit, since rounding decisions hang on them. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { addRows } from '../../../src/quantize/rounding/add-rows.ts';

const seed = 5;

test.each([0, 1, 3, 4, 7, 13])('%i rows, every start, and nothing left of it', (count) => {
  const random = seededRandom(seed + count);
  const n = 17;
  const noise = (length: number) => Float64Array.from({ length }, () => random.normal() * 10 ** random.integer(-8, 8));
  const [matrix, weights, before] = [noise(n * n), noise(count), noise(n)];
  for (const from of [0, 1, 16, 17]) {
    const expected = before.slice();
    for (let i = 0; i < count; i++) {
      for (let j = from; j < n; j++) expected[j] += weights[i] * matrix[(2 + i) * n + j];
    }
    const target = before.slice();
    addRows(target, matrix, n, 2, weights, count, from);
    expect(target).toEqual(expected);
  }
});
