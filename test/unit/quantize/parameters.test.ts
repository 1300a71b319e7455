/** From steps to deployable scales: profiles' zero points, powers of two, biases that must fit, dead channels. */
import { describe, expect, it } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import {
  activationGrid,
  activationQuantization,
  deployableScale,
  snapStep,
} from '../../../src/quantize/activation-parameters.ts';
import { stepOfRange } from '../../../src/quantize/code-grid.ts';
import { distributionOfValues } from '../../../src/quantize/distribution.ts';
import { lpSteps } from '../../../src/quantize/lp-step.ts';
import { quantizationError } from '../../../src/quantize/quantization-error.ts';
import { deployableWeightScales, weightGrid, weightSteps } from '../../../src/quantize/weight-steps.ts';
import { gaussQuantiles } from './quantiles.ts';

const cmsis = getProfile('cmsis-nn');
const s3 = getProfile('esp-dl-s3');
const pulp = getProfile('pulp-nn');

describe('activation grids', () => {
  it('follow the profile', () => {
    expect(activationGrid(8, true, cmsis)).toEqual({ qMin: -128, qMax: 127, zeroPoint: -128 });
    expect(activationGrid(4, false, cmsis)).toEqual({ qMin: -8, qMax: 7, zeroPoint: 'free' });
    expect(activationGrid(8, true, s3).zeroPoint).toBe(0);
    expect(activationGrid(4, false, pulp).zeroPoint).toBe(-8);
  });

  it('cover a range as worked by hand', () => {
    // [-1, 3] on 256 codes: step 4 / 255, real 0 at code -128 + 63.75 -> -64.
    expect(stepOfRange(-1, 3, activationGrid(8, false, cmsis))).toEqual({ step: 4 / 255, zeroPoint: -64 });
    expect(stepOfRange(0.5, 3, activationGrid(8, true, cmsis))).toEqual({ step: 3 / 255, zeroPoint: -128 });
    expect(stepOfRange(-1.28, 1, activationGrid(8, false, s3))).toEqual({ step: 0.01, zeroPoint: 0 });
    expect(stepOfRange(-5, 3, activationGrid(8, false, pulp))).toEqual({ step: 3 / 255, zeroPoint: -128 });
    expect(stepOfRange(0, 0, activationGrid(8, true, cmsis)).step).toBe(0);
  });
});

describe('deployable scales', () => {
  it('are float32 or powers of two', () => {
    expect(deployableScale(0.1, 'any')).toBe(Math.fround(0.1));
    expect(deployableScale(0.1, 'power-of-two')).toBe(0.125);
    expect(deployableScale(0, 'any')).toBeGreaterThan(0);
    expect(activationQuantization(8, { step: 0, zeroPoint: -128 }, cmsis)).toEqual({
      bits: 8,
      scale: 1,
      zeroPoint: -128,
      qMin: -128,
      qMax: 127,
    });
  });

  it('snap to the power of two of less error', () => {
    const distribution = distributionOfValues(gaussQuantiles(2048));
    const grid = weightGrid(4, s3);
    const [step] = lpSteps(distribution, grid, [2]);
    const snapped = snapStep(step, distribution, grid, 'power-of-two');
    const errors = [0.125, 0.25, 0.5, 1].map((candidate) =>
      quantizationError(distribution, grid, { step: candidate, zeroPoint: 0 }, 2),
    );
    expect(snapped.step).toBe([0.125, 0.25, 0.5, 1][errors.indexOf(Math.min(...errors))]);
    expect(snapStep(step, distribution, grid, 'any')).toBe(step);
  });
});

describe('weight scales', () => {
  const layer = (weights: readonly number[], outputs: number) => ({
    node: { name: 'n', op: 'conv', inputs: ['x', 'w'], outputs: ['y'], attributes: {} },
    weights: Float32Array.from(weights),
    shape: [outputs, weights.length / outputs],
    outputs,
    perOutput: weights.length / outputs,
    bias: null,
    singleScale: false,
  });

  it('come one per channel or one for all, dead channels with the median', () => {
    const values = [1, -2, 0, 0, 4, 3, 0.5, 0.25];
    const choose = (d: { max: number; min: number }) => [{ step: Math.max(d.max, -d.min), zeroPoint: 0 }];
    const grid = weightGrid(4, cmsis);
    expect([...weightSteps(layer(values, 4), grid, true, cmsis, choose)[0]]).toEqual([2, 2, 4, 0.5]);
    expect([...weightSteps(layer(values, 4), grid, false, cmsis, choose)[0]]).toEqual([4]);
    expect([...weightSteps(layer([0, 0, 0, 0], 2), grid, true, cmsis, choose)[0]]).toEqual([1, 1]);
  });

  it('grow until the bias fits', () => {
    const steps = Float64Array.of(1e-12, 0.1);
    const bias = Float32Array.of(3, 3);
    const scales = deployableWeightScales(steps, bias, 0.01, cmsis);
    expect(3 / (0.01 * scales[0])).toBeLessThanOrEqual(2 ** 30 * 1.000001);
    expect(scales[1]).toBe(Math.fround(0.1));
    const narrow = deployableWeightScales(steps, bias, 0.01, s3);
    expect(3 / (0.01 * narrow[0])).toBeLessThanOrEqual(2 ** 18);
    expect(Number.isInteger(Math.log2(narrow[0]))).toBe(true);
  });
});
