/** Step-size initialisers: the conformance that all share, and each against its closed form or a worked case. */
import { describe, expect, it } from 'vitest';
import { BitwrightError } from '../../../src/base/errors.ts';
import { codeRange } from '../../../src/graph/quantization-plan.ts';
import { chooseMethod, stepMethods } from '../../../src/quantize/choose-method.ts';
import type { CodeGrid } from '../../../src/quantize/code-grid.ts';
import { distributionOfHistogram, distributionOfValues } from '../../../src/quantize/distribution.ts';
import { method as aciqGauss, gaussClipping } from '../../../src/quantize/methods/aciq-gauss.ts';
import { method as aciqLaplace, laplaceClipping } from '../../../src/quantize/methods/aciq-laplace.ts';
import { kldThreshold } from '../../../src/quantize/methods/kld.ts';
import { gaussQuantiles, laplaceQuantiles } from './quantiles.ts';

const symmetric: CodeGrid = { ...codeRange(4), zeroPoint: 0 };
const unsigned: CodeGrid = { qMin: 0, qMax: 15, zeroPoint: 0 };

describe.each(stepMethods())('$name', (method) => {
  const parameter = method.parameter?.default ?? 0;

  it('is found by its name', () => {
    expect(chooseMethod(method.name)).toEqual({ method, parameter });
  });

  it('never clips less than nothing: steps are positive and at most 1.1 times the full range', () => {
    const values = laplaceQuantiles(4096);
    for (const grid of [symmetric, { ...codeRange(8), zeroPoint: 'free' as const }]) {
      const { step, zeroPoint } = method.choose(distributionOfValues(values), grid, parameter);
      const full = grid.zeroPoint === 'free' ? (2 * values[4095]) / 255 : values[4095] / 7;
      expect(step).toBeGreaterThan(0);
      expect(step).toBeLessThanOrEqual(full * 1.1);
      expect(Number.isInteger(zeroPoint)).toBe(true);
    }
  });

  it('keeps a fixed zero point and follows the scale of the data', () => {
    const values = gaussQuantiles(2048).map(Math.abs);
    const once = method.choose(distributionOfValues(values), unsigned, parameter);
    const scaled = method.choose(distributionOfValues(values.map((value) => value * 8)), unsigned, parameter);
    expect(once.zeroPoint).toBe(0);
    expect(scaled.step / once.step).toBeCloseTo(8, 2);
  });

  it('copes with a single non-zero value', () => {
    const { step } = method.choose(distributionOfValues(Float32Array.of(0, 0, 3)), unsigned, parameter);
    expect(step).toBeGreaterThan(0);
    expect(Number.isFinite(step)).toBe(true);
  });
});

describe('max-abs', () => {
  it('puts the extreme values on the extreme codes', () => {
    const { method } = chooseMethod('max-abs');
    const values = distributionOfValues(Float64Array.of(-2, 0.1, 3.5));
    expect(method.choose(values, symmetric, 0).step).toBe(3.5 / 7);
    expect(method.choose(values, { ...codeRange(4), zeroPoint: 'free' }, 0)).toEqual({ step: 5.5 / 15, zeroPoint: -3 });
    const negative = distributionOfValues(Float64Array.of(-4, 1));
    expect(method.choose(negative, symmetric, 0).step).toBe(4 / 8);
  });
});

describe('mmse, lp-norm and dual', () => {
  // Steps of least error on the unit Gauss distribution, 4 bits [-8, 7]: p = 2 agrees with the tables of Lloyd-Max uniform quantizers.
  it.each([
    ['mmse', 0.3383],
    ['lp-norm:2', 0.3383],
    ['lp-norm', 0.3593],
    ['lp-norm:4', 0.4254],
    ['dual', 0.3383],
    ['ocs', 0.3383],
  ])('%s finds %d', (name, step) => {
    const { method, parameter } = chooseMethod(name);
    const found = method.choose(distributionOfValues(gaussQuantiles(8192)), symmetric, parameter).step;
    expect(Math.abs(found - step)).toBeLessThan(1e-3 * step + 0.6e-4);
  });
});

describe('ACIQ', () => {
  // Published constants of the paper's code for 2 to 8 bits.
  it('reproduces the Laplace multiples of b', () => {
    const published = [2.8307, 3.8972, 5.0286, 6.2048, 7.4131, 8.6456, 9.8968];
    for (const [index, alpha] of published.entries()) expect(laplaceClipping(index + 2, false)).toBeCloseTo(alpha, 4);
    for (const [index, alpha] of [...published.slice(1), 11.1627].entries()) {
      expect(laplaceClipping(index + 2, true)).toBeCloseTo(alpha, 4);
    }
  });

  it('reproduces the Gauss multiples of sigma', () => {
    const published = [1.7106, 2.1516, 2.5591, 2.9362, 3.2869, 3.6151, 3.924];
    for (const [index, alpha] of published.entries()) expect(gaussClipping(index + 2, false)).toBeCloseTo(alpha, 4);
    expect(gaussClipping(8, true)).toBeCloseTo(4.2, 1);
  });

  it('fits the width of the data', () => {
    const laplace = aciqLaplace.choose(
      distributionOfValues(laplaceQuantiles(8192).map((value) => 3 * value)),
      symmetric,
      0,
    );
    expect(laplace.step).toBeCloseTo((3 * 5.0286) / 7, 1);
    const half = aciqLaplace.choose(
      distributionOfValues(laplaceQuantiles(8192).map((value) => Math.max(0, 3 * value))),
      unsigned,
      0,
    );
    expect(half.step).toBeCloseTo((3 * 6.2048) / 15, 2);
    const rectified = gaussQuantiles(8192).map((value) => Math.max(0, 2 * value));
    const gauss = aciqGauss.choose(distributionOfValues(rectified), unsigned, 0);
    expect(gauss.step).toBeCloseTo((2 * 2.9362) / 15, 2);
  });
});

describe('percentile', () => {
  it('leaves the given share outside', () => {
    const values = Float64Array.from({ length: 1000 }, (_, index) => index + 1);
    const { method, parameter } = chooseMethod('percentile:99');
    expect(method.choose(distributionOfValues(values), unsigned, parameter).step).toBe(990 / 15);
  });
});

describe('KLD', () => {
  // An independent numpy implementation of MXNet's search gave these thresholds for |quantiles|, 2048 bins.
  it.each([
    { family: 'Laplace', quantiles: laplaceQuantiles(8192), groups: 15, threshold: 6.4546 },
    { family: 'Laplace', quantiles: laplaceQuantiles(8192), groups: 255, threshold: 7.91535 },
    { family: 'Gauss', quantiles: gaussQuantiles(8192), groups: 15, threshold: 3.42922 },
    { family: 'Gauss', quantiles: gaussQuantiles(8192), groups: 127, threshold: 3.84193 },
  ])('cuts $family into $groups bins where the reference does', ({ quantiles, groups, threshold }) => {
    const found = kldThreshold(distributionOfValues(quantiles.map(Math.abs)), groups, true);
    expect(Math.abs(found - threshold)).toBeLessThan(0.012);
  });
});

describe('histograms', () => {
  it('stand for the values that they counted', () => {
    const counts = new Float64Array(100);
    for (let index = 0; index < 1000; index++) counts[Math.floor(index / 10)]++;
    const { values, counts: weights, max } = distributionOfHistogram({ lowest: 0, binWidth: 0.1, counts }, 0, 9.99);
    expect(values[0]).toBe(0);
    expect(values[1]).toBeCloseTo(0.15, 12);
    expect(weights?.reduce((sum, count) => sum + count, 0)).toBe(1000);
    expect(max).toBe(9.99);
  });
});

describe('choosing a method', () => {
  it.each(['nonsense', 'max-abs:3', 'lp-norm:0.5', 'lp-norm:', 'lp-norm:x'])('refuses %s', (text) => {
    expect(() => chooseMethod(text)).toThrow(BitwrightError);
  });
});
