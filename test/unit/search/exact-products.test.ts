/** The WebAssembly products against plain sums, at sizes around its tiles, and where int32 would overflow. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { integerProducts } from '../../../src/search/exact-products.ts';

function plain(a: Int16Array, n: number, b: Int16Array, m: number, length: number): number[] {
  return Array.from({ length: n * m }, (_, index) => {
    const [i, j] = [Math.floor(index / m), index % m];
    let sum = 0;
    for (let k = 0; k < length; k++) sum += a[i * length + k] * b[j * length + k];
    return sum;
  });
}

describe('integerProducts', () => {
  it.each([
    [1, 1, 1],
    [3, 3, 8],
    [4, 2, 9],
    [7, 11, 100],
    [30, 31, 257],
  ])('%i by %i rows of %i values', (n, m, length) => {
    const random = seededRandom(n * 1000 + length);
    const a = Int16Array.from({ length: n * length }, () => random.integer(-255, 255));
    const b = Int16Array.from({ length: m * length }, () => random.integer(-255, 255));
    const other = integerProducts({ rows: n, values: a }, { rows: m, values: b }, length);
    expect([...other]).toEqual(plain(a, n, b, m, length));
    expect([...integerProducts({ rows: n, values: a }, null, length)]).toEqual(plain(a, n, a, n, length));
  });

  it('stays exact where int32 sums could overflow', () => {
    const values = new Int16Array(2 * 40_000).fill(-32768);
    const sum = 40_000 * 2 ** 30;
    expect([...integerProducts({ rows: 2, values }, null, 40_000)]).toEqual([sum, sum, sum, sum]);
    const bytes = new Int16Array(2 * 32_768).fill(-255);
    expect([...integerProducts({ rows: 2, values: bytes }, null, 32_768)]).toEqual(new Array(4).fill(32_768 * 65_025));
  });
});
