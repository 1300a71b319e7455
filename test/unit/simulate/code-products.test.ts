/** Exact products of matrices of codes, against BigInt sums. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { type CodeRows, loadCodeProducts } from '../../../src/simulate/code-products.ts';

const seed = 4211;
const products = await loadCodeProducts();

function expected(a: CodeRows, b: CodeRows): number[] {
  const element = ({ codes, length, from }: CodeRows, row: number, k: number) =>
    BigInt(codes[(from + row) * length + k]);
  return Array.from({ length: a.rows * b.rows }, (_, at) => {
    const [i, j] = [Math.floor(at / b.rows), at % b.rows];
    let sum = 0n;
    for (let k = 0; k < a.length; k++) sum += element(a, i, k) * element(b, j, k);
    return Number(sum);
  });
}

const kinds = {
  int8: { make: (n: number) => new Int8Array(n), low: -128, high: 127 },
  uint8: { make: (n: number) => new Uint8Array(n), low: 0, high: 255 },
  int16: { make: (n: number) => new Int16Array(n), low: -32768, high: 32767 },
};
type Kind = keyof typeof kinds;

/** Extremes in a third of the places; rows start at `from`. */
function randomRows(kind: Kind, rows: number, length: number, from: number, random = seededRandom(seed)): CodeRows {
  const { make, low, high } = kinds[kind];
  const codes = make((from + rows) * length);
  for (let index = 0; index < codes.length; index++) {
    const draw = random.integer(0, 5);
    codes[index] = draw === 0 ? low : draw === 1 ? high : random.integer(low, high);
  }
  return { codes, length, from, rows };
}

describe(`products of codes (seed ${seed})`, () => {
  it.each<[Kind, Kind, number, number, number]>([
    ['int8', 'int8', 1, 1, 1],
    ['int8', 'int8', 6, 8, 1024],
    ['int8', 'int8', 7, 9, 1025],
    ['uint8', 'uint8', 13, 17, 37],
    ['int8', 'uint8', 5, 23, 2050],
    ['int16', 'int16', 7, 3, 1031],
    ['int16', 'int8', 4, 9, 15],
  ])('%s with %s, %i and %i rows of %i', (kindOfA, kindOfB, rowsOfA, rowsOfB, length) => {
    const a = randomRows(kindOfA, rowsOfA, length, 0);
    const b = randomRows(kindOfB, rowsOfB, length, 2, seededRandom(seed + 1));
    expect([...products(a, b)]).toEqual(expected(a, b));
    expect([...products(a, a)]).toEqual(expected(a, a));
  });

  it.each<Kind>(['int8', 'uint8', 'int16'])('is exact at the ends of %s, over 16384 elements', (kind) => {
    const { make, low, high } = kinds[kind];
    const codes = make(2 * 16384)
      .fill(low, 0, 16384)
      .fill(high, 16384);
    const rows: CodeRows = { codes, length: 16384, from: 0, rows: 2 };
    expect([...products(rows, rows)]).toEqual([low * low, low * high, low * high, high * high].map((p) => p * 16384));
  });

  it('gives the same after larger and smaller matrices', () => {
    const small = randomRows('int8', 3, 50, 0);
    const before = [...products(small, small)];
    products(randomRows('int8', 200, 1500, 0), randomRows('uint8', 90, 1500, 0));
    expect([...products(small, small)]).toEqual(before);
  });
});
