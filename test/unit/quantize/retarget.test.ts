/** Retargeting, against the least squares that they stand for. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { factorGram } from '../../../src/quantize/rounding/gram.ts';
import { retargetChannel } from '../../../src/quantize/rounding/retarget.ts';

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

  const former = { own: innerProducts(x, x, n, rows), cross: innerProducts(x, y, n, rows) };
  const energy = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);
  const wanted = outputs(x, weights);

  it('changes nothing where the inputs are the same', () => {
    const target = retargetChannel(weights, { own: former.own, cross: former.own }, factorGram(former.own, n, 0.01));
    target.forEach((value, index) => {
      expect(value).toBeCloseTo(weights[index], 9);
    });
  });

  it('is the least-squares answer, as loud as before: its part of what was wanted leaves a residual orthogonal to every input', () => {
    const got = outputs(y, retargetChannel(weights, former, factor));
    expect(energy(got) / energy(wanted)).toBeCloseTo(1, 9);
    // The gain that least squares would not have: the projection of what was wanted on what came.
    const share = wanted.reduce((sum, value, row) => sum + value * got[row], 0) / energy(got);
    expect(share).toBeLessThan(1);
    const residual = wanted.map((value, row) => value - share * got[row]);
    for (let k = 0; k < n; k++) {
      const product = residual.reduce((sum, value, row) => sum + value * y[k * rows + row], 0);
      expect(Math.abs(product)).toBeLessThan(1e-3);
    }
    const error = (values: readonly number[]) => energy(values.map((value, row) => value - wanted[row]));
    expect(error(got)).toBeLessThan(error(outputs(y, weights)));
  });

  it('does not make outputs quieter that noise has made louder', () => {
    const loud = y.map((value) => 3 * value);
    const pulled = factorGram(innerProducts(loud, loud, n, rows), n, 1e6);
    const target = retargetChannel(weights, { own: former.own, cross: innerProducts(x, loud, n, rows) }, pulled);
    target.forEach((value, index) => {
      expect(value).toBeCloseTo(weights[index], 4);
    });
  });

  it.each([
    ['drowned', (_: number, row: number) => Math.sin(row), 2],
    ['constant', () => 0, 1],
  ])('makes outputs at most twice as loud where the signal is %s', (_name, noise, gain) => {
    const z = y.map((value, at) => 0.02 * value * (gain - 1) + noise(value, at));
    const own = innerProducts(z, z, n, rows);
    const cross = innerProducts(x, z, n, rows);
    const plain = factorGram(own, n, 0.01);
    const target = retargetChannel(weights, { own: former.own, cross }, plain);
    const quiet = retargetChannel(weights, { own: former.own.map(() => 0), cross }, plain);
    target.forEach((value, index) => {
      expect(value).toBeCloseTo(gain * quiet[index], 9);
    });
  });
});
