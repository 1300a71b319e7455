/** Retargeting, against the least squares that they stand for. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { factorGram, retargetChannel } from '../../../src/quantize/rounding/gram.ts';

const seed = 77;

/** result[i][j] = sum over k of a[i][k] * b[j][k]. */
function innerProducts(a: Float64Array, b: Float64Array, n: number, length: number): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < length; k++) sum += a[i * length + k] * b[j * length + k];
    return sum;
  });
}

describe('retargeting', () => {
  const [n, rows] = [12, 400];
  const random = seededRandom(seed);
  const x = Float64Array.from({ length: n * rows }, () => random.normal());
  for (let k = 1; k < n; k++) for (let row = 0; row < rows; row++) x[k * rows + row] += 0.8 * x[(k - 1) * rows + row];
  const y = x.map((value) => Math.round(value) + 0.1);
  const weights = Float32Array.from({ length: n }, () => random.normal());
  const factor = factorGram(innerProducts(y, y, n, rows), n, 1e-9);
  const outputs = (values: Float64Array, w: ArrayLike<number>) =>
    Array.from({ length: rows }, (_, row) => {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += w[k] * values[k * rows + row];
      return sum;
    });

  it('changes nothing where the inputs are the same', () => {
    const same = factorGram(innerProducts(x, x, n, rows), n, 0.01);
    const target = retargetChannel(weights, innerProducts(x, x, n, rows), same);
    target.forEach((value, index) => {
      expect(value).toBeCloseTo(weights[index], 9);
    });
  });

  it('is the least-squares answer: its residual is orthogonal to every input', () => {
    const target = retargetChannel(weights, innerProducts(x, y, n, rows), factor);
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
