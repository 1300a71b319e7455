/** Fake quantization in the training graph: values on the grid, the clipped straight-through gradient, and learned steps, by hand. */
import { expect, test } from 'vitest';
import { floatTensor } from '../../../src/base/tensor.ts';
import { floatOptions, randomTensor, runTraining, sketchGraph } from './training-harness.ts';

function expectClose(seen: Float32Array, expected: readonly number[]): void {
  expect(seen.length).toBe(expected.length);
  for (const [index, value] of expected.entries()) expect(seen[index], `element ${index}`).toBeCloseTo(value, 5);
}

const x = [-3, -0.4, 0.3, 0.8, 1.3, 9];
const target = new Float32Array(x.length);
const relu = { clamp: { min: 0, max: Number.POSITIVE_INFINITY } };
const graph = sketchGraph(
  { in: [1, 6] },
  {
    one: floatTensor(
      [1, 6],
      Float32Array.from(x, () => 1),
    ),
  },
  [{ op: 'mul', inputs: ['in', 'one'], outputs: { y: [1, 6] }, attributes: relu }],
);
const linear = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, attributes: {} })) };
const feeds = { in: floatTensor([1, 6], Float32Array.from(x)) };
// 3 bits, step 0.5, zero point -4: reals 0, 0.5 .. 3.5.
const oneSided = { bits: 3, scale: 0.5, zeroPoint: -4, qMin: -4, qMax: 3 };
// zero point 0: reals -2 .. 1.5.
const twoSided = { ...oneSided, zeroPoint: 0 };

test('values lie on the grid and gradients pass inside the range only', async () => {
  const options = { ...floatOptions(linear, 1, ['one']), activations: new Map([['y', twoSided]]) };
  const run = await runTraining(linear, options, feeds, { 'mean-squared-error': target });
  const expected = [-2, -0.5, 0.5, 1, 1.5, 1.5];
  expect([...run.logits]).toEqual(expected);
  // dy = 2 y / 6; times x for the factor's gradient; nothing for -3 and 9.
  const gradient = [0, -0.4 * -0.5, 0.3 * 0.5, 0.8, 1.3 * 1.5, 0].map((value) => value / 3);
  expectClose(run.gradients.get('one')!, gradient);
});

test('a fused Relu and the grid act together', async () => {
  const options = { ...floatOptions(graph, 1, ['one']), activations: new Map([['y', oneSided]]) };
  const run = await runTraining(graph, options, feeds, { 'mean-squared-error': target });
  expect([...run.logits]).toEqual([0, 0, 0.5, 1, 1.5, 3.5]);
  const gradient = [0, 0, 0.15, 0.8, 1.95, 0].map((value) => value / 3);
  expectClose(run.gradients.get('one')!, gradient);
});

test('a learned step gets the LSQ gradient', async () => {
  const options = {
    ...floatOptions(linear, 1, ['one']),
    activations: new Map([['y', twoSided]]),
    learnedSteps: new Map([['y', 'group']]),
  };
  const run = await runTraining(linear, options, feeds, { 'mean-squared-error': target }, { group: 0.5 });
  expect([...run.logits]).toEqual([-2, -0.5, 0.5, 1, 1.5, 1.5]);
  // d y / d step: code - x / step inside, the last code outside: [-4, -1+0.8, 1-0.6, 2-1.6, 3-2.6, 3].
  const slopes = [-4, -0.2, 0.4, 0.4, 0.4, 3];
  const expected = slopes.reduce((sum, slope, index) => sum + (slope * run.logits[index]!) / 3, 0);
  expect((run.outputs['step-gradient/group']!.data as Float32Array)[0]).toBeCloseTo(expected, 5);
});

test('a Relu bound is no saturation of the grid: the step gradient there is 0', async () => {
  const options = {
    ...floatOptions(graph, 1, ['one']),
    activations: new Map([['y', oneSided]]),
    learnedSteps: new Map([['y', 'group']]),
  };
  const run = await runTraining(graph, options, feeds, { 'mean-squared-error': target }, { group: 0.5 });
  const slopes = [0, 0, 0.4, 0.4, 0.4, 7];
  const expected = slopes.reduce((sum, slope, index) => sum + (slope * run.logits[index]!) / 3, 0);
  expect((run.outputs['step-gradient/group']!.data as Float32Array)[0]).toBeCloseTo(expected, 5);
});

test("onnxruntime's optimizer takes grids around pools, reshapes and pointwise convolutions", async () => {
  const pool = { kernel: [2, 2], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0], clamp: null };
  const pointwise = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1, clamp: null };
  const chain = sketchGraph({ in: [1, 2, 4, 4] }, { w: randomTensor([3, 2, 1, 1], 1), v: randomTensor([5, 3], 2) }, [
    { op: 'max-pool', inputs: ['in'], outputs: { pooled: [1, 2, 2, 2] }, attributes: pool },
    { op: 'conv', inputs: ['pooled', 'w'], outputs: { mixed: [1, 3, 2, 2] }, attributes: pointwise },
    { op: 'global-average-pool', inputs: ['mixed'], outputs: { mean: [1, 3, 1, 1] } },
    { op: 'reshape', inputs: ['mean'], outputs: { flat: [1, 3] }, attributes: { shape: [1, 3] } },
    { op: 'fully-connected', inputs: ['flat', 'v'], outputs: { y: [1, 5] } },
  ]);
  const grid = { bits: 8, scale: 0.05, zeroPoint: 3, qMin: -128, qMax: 127 };
  const options = {
    ...floatOptions(chain, 2, ['w', 'v']),
    activations: new Map([...chain.values.keys()].map((name) => [name, grid])),
  };
  const image = randomTensor([2, 2, 4, 4], 5);
  const run = await runTraining(chain, options, { in: image }, { 'mean-squared-error': new Float32Array(10) });
  for (const value of run.logits) expect(value / 0.05 - Math.round(value / 0.05)).toBeCloseTo(0, 4);
  expect(run.gradients.get('w')!.some((value) => value !== 0)).toBe(true);
});
