/** Weight grids, the blend and the optimizers on cases worked out by hand. */
import { expect, test } from 'vitest';
import { adamDeltas, clipFactor, createAdamState, sgdStep } from '../../../src/finetune/optimizer.ts';
import {
  blendWeights,
  logScaleGradients,
  quantizeWeights,
  type WeightGrid,
  weightsOfCodes,
} from '../../../src/finetune/weight-grid.ts';

function grid(over: Partial<WeightGrid> = {}): WeightGrid {
  return {
    node: 'n',
    bits: 4,
    qMin: -8,
    qMax: 7,
    binary: false,
    perChannel: true,
    scales: Float32Array.of(0.5, 0.25),
    ...over,
  };
}
const weights = Float32Array.of(0.25, 0.75, -9, 9, 0.1, -0.2, 0.125, 5);
const codesOf = (used: WeightGrid, values = weights): number[] => {
  const codes = new Int8Array(values.length);
  quantizeWeights(used, values, codes);
  return [...codes];
};

test('codes are nearest, ties to even, saturated at both ends, per channel', () => {
  expect(codesOf(grid())).toEqual([0, 2, -8, 7, 0, -1, 0, 7]);
});

test('binary weights are the mean magnitude with the sign', () => {
  const used = grid({ binary: true, qMin: -1, qMax: 1, bits: 2 });
  expect(codesOf(used)).toEqual([1, 1, -1, 1, 1, -1, 1, 1]);
  expect([...used.scales]).toEqual([4.75, (0.1 + 0.2 + 0.125 + 5) / 4].map(Math.fround));
});

test('the blend is the float weight at 0, the quantized one at 1, a quarter of the way at 0.25', () => {
  const used = grid();
  const codes = Int8Array.from(codesOf(used));
  const blended = new Float32Array(8);
  blendWeights(used, weights, codes, 0, blended);
  expect([...blended]).toEqual([...weights]);
  blendWeights(used, weights, codes, 1, blended);
  expect([...blended]).toEqual([0, 1, -4, 3.5, 0, -0.25, 0, 1.75]);
  blendWeights(used, weights, codes, 0.25, blended);
  expect(blended[1]).toBeCloseTo(0.75 * 0.75 + 0.25 * 1, 6);
});

test('weights of codes lie within a quarter step of them and move no further than needed', () => {
  const used = grid();
  const wanted = Int8Array.of(1, 2, -8, 7, 1, 0, 0, 6);
  const start = Float32Array.from(weights);
  start[1] = 0.9;
  const moved = weightsOfCodes(used, start, wanted);
  expect(codesOf(used, moved)).toEqual([...wanted]);
  expect([...moved.subarray(1, 4)]).toEqual([...start.subarray(1, 4)]);
  expect(moved[0]).toBeCloseTo(0.75 * 0.5, 5);
  expect(moved[7]).toBeCloseTo(6.25 * 0.25, 5);
  // Half a step from its code, but that is the nearest one: what the float weight knows is kept.
  expect(moved[6]).toBe(0.125);
  // A border would be the nearest place; an update of a fifth of a step would then undo the rounding.
  const nudged = moved.map((weight, index) => weight - 0.2 * used.scales[index < 4 ? 0 : 1]!);
  expect(codesOf(used, nudged)).toEqual([...wanted]);
});

test('gradient of the logarithm of a scale', () => {
  const used = grid({ scales: Float32Array.of(0.5) });
  const values = Float32Array.of(0.7, 9);
  const codes = Int8Array.from(codesOf(used, values));
  // Inside: code - w / s = 1 - 1.4; saturated: 7. Times gradient, alpha 0.5 and s 0.5.
  const [slope] = logScaleGradients(used, values, codes, Float32Array.of(2, 3), 0.5);
  expect(slope).toBeCloseTo(0.5 * 0.5 * (2 * -0.4 + 3 * 7), 5);
});

const options = { momentum: 0.5, nesterov: false, weightDecay: 0 };

test('SGD with momentum over two steps; the factor of the blend scales the update', () => {
  const run = (factor: number, nesterov: boolean): number[] => {
    const [value, velocity] = [Float32Array.of(1), Float32Array.of(0)];
    for (let step = 0; step < 2; step++) {
      sgdStep(value, velocity, Float32Array.of(1), Float32Array.of(1), 0.1, factor, { ...options, nesterov });
    }
    return [value[0]!, velocity[0]!];
  };
  expect(run(1, false)[0]).toBeCloseTo(1 - 0.1 - 0.15, 6);
  expect(run(1, true)[0]).toBeCloseTo(1 - 0.15 - 0.175, 6);
  expect(run(0.25, false)[0]).toBeCloseTo(1 - 0.25 * 0.25, 6);
  // At alpha = 1 nothing moves.
  expect(run(0, false)).toEqual([1, 0]);
});

test('units make the update relative: a tensor ten times larger, with a gradient ten times smaller, moves ten times as far', () => {
  const [small, large] = [Float32Array.of(1), Float32Array.of(10)];
  sgdStep(small, new Float32Array(1), Float32Array.of(2), Float32Array.of(1), 0.1, 1, options);
  sgdStep(large, new Float32Array(1), Float32Array.of(0.2), Float32Array.of(10), 0.1, 1, options);
  expect(small[0]).toBeCloseTo(0.8, 6);
  expect(large[0]).toBeCloseTo(8, 5);
});

test('weight decay pulls towards 0 and fades with the factor', () => {
  const value = Float32Array.of(2);
  sgdStep(value, new Float32Array(1), new Float32Array(1), Float32Array.of(1), 0.1, 0.5, {
    ...options,
    weightDecay: 0.1,
  });
  expect(value[0]).toBeCloseTo(2 - 0.1 * 0.5 * 0.1 * 2, 6);
});

test('clipping keeps small gradients and scales large ones to the norm', () => {
  const units = Float32Array.of(2);
  expect(clipFactor([{ gradient: Float32Array.of(0.25, 0.25), units }], 1)).toBe(1);
  expect(clipFactor([{ gradient: Float32Array.of(3, 4), units }], 1)).toBeCloseTo(0.1, 12);
});

test("Adam's first step is the rate against the sign of the gradient", () => {
  const [down, up] = adamDeltas(createAdamState(2), [5, -0.001], 0.01, 1);
  expect(down).toBeCloseTo(-0.01, 8);
  expect(up).toBeCloseTo(0.01, 8);
});
