/** Retargeting and inner products, against the least squares that they stand for. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { factorGram, retargetChannel } from '../../../src/quantize/rounding/gram.ts';
import { innerProducts, symmetricProducts } from '../../../src/quantize/rounding/inner-products.ts';

const seed = 77;

describe('inner products', () => {
  it.each([
    [1, 1, 1],
    [3, 3, 7],
    [4, 5, 9],
    [7, 2, 16],
  ])('of %i and %i rows of length %i', (n, m, length) => {
    const random = seededRandom(seed);
    const a = Float64Array.from({ length: n * length }, () => random.normal());
    const b = Float64Array.from({ length: m * length }, () => random.normal());
    const products = innerProducts(a, n, b, m, length);
    const own = symmetricProducts(a, n, length);
    const dot = (x: Float64Array, i: number, y: Float64Array, j: number) =>
      Array.from({ length }, (_, k) => x[i * length + k] * y[j * length + k]).reduce((sum, value) => sum + value, 0);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) expect(products[i * m + j]).toBeCloseTo(dot(a, i, b, j), 12);
      for (let j = 0; j < n; j++) expect(own[i * n + j]).toBeCloseTo(dot(a, i, a, j), 12);
    }
  });
});

describe('retargeting', () => {
  const [n, rows] = [12, 400];
  const random = seededRandom(seed);
  const x = Float64Array.from({ length: n * rows }, () => random.normal());
  for (let k = 1; k < n; k++) for (let row = 0; row < rows; row++) x[k * rows + row] += 0.8 * x[(k - 1) * rows + row];
  const y = x.map((value) => Math.round(value) + 0.1);
  const weights = Float32Array.from({ length: n }, () => random.normal());
  const factor = factorGram(symmetricProducts(y, n, rows), n, 1e-9);
  const outputs = (values: Float64Array, w: ArrayLike<number>) =>
    Array.from({ length: rows }, (_, row) => {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += w[k] * values[k * rows + row];
      return sum;
    });

  it('changes nothing where the inputs are the same', () => {
    const same = factorGram(symmetricProducts(x, n, rows), n, 0.01);
    const target = retargetChannel(weights, symmetricProducts(x, n, rows), same);
    target.forEach((value, index) => {
      expect(value).toBeCloseTo(weights[index], 9);
    });
  });

  it('is the least-squares answer: its residual is orthogonal to every input', () => {
    const target = retargetChannel(weights, innerProducts(x, n, y, n, rows), factor);
    const wanted = outputs(x, weights);
    const got = outputs(y, target);
    const residual = wanted.map((value, row) => value - got[row]);
    for (let k = 0; k < n; k++) {
      const product = residual.reduce((sum, value, row) => sum + value * y[k * rows + row], 0);
      expect(Math.abs(product)).toBeLessThan(1e-3);
    }
    const before = outputs(y, weights).map((value, row) => value - wanted[row]);
    const energy = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);
    expect(energy(residual)).toBeLessThan(energy(before));
  });
});
