/** Gradients worked out by hand: y = op(x), loss = mean((y - 0)^2), so dy = 2 y / n; the factor before x shows x * dx. */
import { expect, test } from 'vitest';
import { floatTensor, type Shape, type Tensor } from '../../../src/base/tensor.ts';
import type { Attributes } from '../../../src/graph/graph.ts';
import { floatOptions, runTraining, sketchGraph } from './training-harness.ts';

interface HandCase {
  readonly op: string;
  readonly x: { shape: Shape; data: number[] };
  readonly constants?: Record<string, { shape: Shape; data: number[] }>;
  readonly attributes?: Attributes;
  readonly y: Shape;
  /** Expected output, gradient of x, gradients of constants. */
  readonly values: number[];
  readonly dx: number[];
  readonly gradients?: Record<string, number[]>;
}

const plain = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 };

const cases: Record<string, HandCase> = {
  // y = 1*1 + 2*0 + 3*(-1) + 4*2 + 1 = 7, dy = 14: dw = 14 x, db = 14, dx = 14 w.
  'conv 2x2 over the whole input': {
    op: 'conv',
    x: { shape: [1, 1, 2, 2], data: [1, 2, 3, 4] },
    constants: { w: { shape: [1, 1, 2, 2], data: [1, 0, -1, 2] }, b: { shape: [1], data: [1] } },
    attributes: plain,
    y: [1, 1, 1, 1],
    values: [7],
    dx: [14, 0, -14, 28],
    gradients: { w: [14, 28, 42, 56], b: [14] },
  },
  // Two windows of width 2 at stride 2: y = [1*1+2*2, 3*1+4*2] = [5, 11], dy = y; dw = [1*5+3*11, 2*5+4*11].
  'conv with stride 2': {
    op: 'conv',
    x: { shape: [1, 1, 1, 4], data: [1, 2, 3, 4] },
    constants: { w: { shape: [1, 1, 1, 2], data: [1, 2] } },
    attributes: { ...plain, strides: [1, 2] },
    y: [1, 1, 1, 2],
    values: [5, 11],
    dx: [5, 10, 11, 22],
    gradients: { w: [38, 54] },
  },
  // Channel 0: 1*2 + 2*1 = 4; channel 1: 3*0 + 4*3 = 12. dy = y.
  'depthwise-conv': {
    op: 'depthwise-conv',
    x: { shape: [1, 2, 1, 2], data: [1, 2, 3, 4] },
    constants: { w: { shape: [2, 1, 1, 2], data: [2, 1, 0, 3] } },
    attributes: plain,
    y: [1, 2, 1, 1],
    values: [4, 12],
    dx: [8, 4, 0, 36],
    gradients: { w: [4, 8, 36, 48] },
  },
  // x = [1, 2], w = [3, 1], stride 2: y = [3, 1, 6, 2], dy = y / 2. dx = [3*1.5+1*0.5, 3*3+1*1], dw = [1*1.5+2*3, 1*0.5+2*1].
  'conv-transpose with stride 2': {
    op: 'conv-transpose',
    x: { shape: [1, 1, 1, 2], data: [1, 2] },
    constants: { w: { shape: [1, 1, 1, 2], data: [3, 1] } },
    attributes: { ...plain, strides: [1, 2], outputPadding: [0, 0] },
    y: [1, 1, 1, 4],
    values: [3, 1, 6, 2],
    dx: [5, 10],
    gradients: { w: [7.5, 2.5] },
  },
  // y = [1*1+2*1, 1*0+2*3+1] = [3, 7], dy = y: dx = [3*1+7*0, 3*1+7*3].
  'fully-connected': {
    op: 'fully-connected',
    x: { shape: [1, 2], data: [1, 2] },
    constants: { w: { shape: [2, 2], data: [1, 1, 0, 3] }, b: { shape: [2], data: [0, 1] } },
    y: [1, 2],
    values: [3, 7],
    dx: [3, 24],
    gradients: { w: [3, 6, 7, 14], b: [3, 7] },
  },
  // Windows [1,5], [5,2]: the 5 wins both and collects both gradients, 5 + 5.
  'max-pool, overlapping windows': {
    op: 'max-pool',
    x: { shape: [1, 1, 1, 3], data: [1, 5, 2] },
    attributes: { kernel: [1, 2], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] },
    y: [1, 1, 1, 2],
    values: [5, 5],
    dx: [0, 10, 0],
  },
  // Padded left by 1, valid taps only: y = [2, (2+4)/2], dy = y; dx = [2/1 + 3/2, 3/2].
  'average-pool, divisor of valid taps': {
    op: 'average-pool',
    x: { shape: [1, 1, 1, 2], data: [2, 4] },
    attributes: { kernel: [1, 2], strides: [1, 1], pads: [0, 1, 0, 0], countIncludePad: false },
    y: [1, 1, 1, 2],
    values: [2, 3],
    dx: [3.5, 1.5],
  },
  // Mean 3, dy = 6, each of 4 positions gets 6/4.
  'global-average-pool': {
    op: 'global-average-pool',
    x: { shape: [1, 1, 2, 2], data: [0, 2, 4, 6] },
    y: [1, 1, 1, 1],
    values: [3],
    dx: [1.5, 1.5, 1.5, 1.5],
  },
  // Relu6 of [-1, 2, 9]: [0, 2, 6], dy = 2/3 y, passed strictly inside only.
  clamp: {
    op: 'clamp',
    x: { shape: [1, 3], data: [-1, 2, 9] },
    attributes: { clamp: { min: 0, max: 6 } },
    y: [1, 3],
    values: [0, 2, 6],
    dx: [0, 4 / 3, 0],
  },
  // y = [1/4, 3/4] for x = [0, ln 3]; dy = y. sum(dy y) = 10/16; dx = y (y - 10/16).
  softmax: {
    op: 'softmax',
    x: { shape: [1, 2], data: [0, Math.log(3)] },
    attributes: { axis: 1 },
    y: [1, 2],
    values: [0.25, 0.75],
    dx: [0.25 * (0.25 - 0.625), 0.75 * (0.75 - 0.625)],
  },
  // Batch of one channel [0, 2, 4, 6]: mean 3, variance 5 (epsilon 4: std 3). y = 2 (x-3)/3 + 1 = [-1, -1/3+2/3...].
  'batch-normalization': {
    op: 'batch-normalization',
    x: { shape: [1, 1, 4], data: [0, 2, 4, 6] },
    constants: {
      scale: { shape: [1], data: [2] },
      bias: { shape: [1], data: [1] },
      mean: { shape: [1], data: [9] },
      variance: { shape: [1], data: [9] },
    },
    attributes: { epsilon: 4 },
    y: [1, 1, 4],
    values: [-1, 1 / 3, 5 / 3, 3],
    // dy = y/2 = [-1/2, 1/6, 5/6, 3/2], mean 1/2; x' = [-1,-1/3,1/3,1]; mean(dy x') = 5/9; gain 2/3.
    dx: [-1 / 2 - 1 / 2 + 5 / 9, 1 / 6 - 1 / 2 + 5 / 27, 5 / 6 - 1 / 2 - 5 / 27, 3 / 2 - 1 / 2 - 5 / 9].map(
      (v) => (v * 2) / 3,
    ),
    gradients: { scale: [20 / 9], bias: [2] },
  },
  // dy = 2 y / 1.
  sigmoid: { op: 'sigmoid', x: { shape: [1, 1], data: [0] }, y: [1, 1], values: [0.5], dx: [0.25] },
  tanh: { op: 'tanh', x: { shape: [1, 1], data: [Math.atanh(0.5)] }, y: [1, 1], values: [0.5], dx: [0.75] },
  exp: { op: 'exp', x: { shape: [1, 1], data: [Math.log(3)] }, y: [1, 1], values: [3], dx: [18] },
  sqrt: { op: 'sqrt', x: { shape: [1, 1], data: [9] }, y: [1, 1], values: [3], dx: [1] },
  abs: { op: 'abs', x: { shape: [1, 1], data: [-3] }, y: [1, 1], values: [3], dx: [-6] },
  neg: { op: 'neg', x: { shape: [1, 1], data: [3] }, y: [1, 1], values: [-3], dx: [6] },
  softplus: {
    op: 'softplus',
    x: { shape: [1, 1], data: [Math.log(3)] },
    y: [1, 1],
    values: [Math.log(4)],
    dx: [2 * Math.log(4) * 0.75],
  },
  // 1 + e^x = 3, tanh(ln 3) = 4/5, sigmoid = 2/3: the slope is 4/5 + ln 2 * 2/3 * 9/25.
  mish: {
    op: 'mish',
    x: { shape: [1, 1], data: [Math.log(2)] },
    y: [1, 1],
    values: [0.8 * Math.log(2)],
    dx: [2 * 0.8 * Math.log(2) * (0.8 + 0.24 * Math.log(2))],
  },
  'hard-sigmoid': {
    op: 'hard-sigmoid',
    x: { shape: [1, 2], data: [1, 9] },
    attributes: { alpha: 0.25, beta: 0.5 },
    y: [1, 2],
    values: [0.75, 1],
    dx: [0.1875, 0],
  },
  // h(1.5) = 0.75: y = 1.125, slope 0.75 + 1.5/6 = 1; beyond 3 the slope is 1 too.
  'hard-swish': {
    op: 'hard-swish',
    x: { shape: [1, 2], data: [1.5, 4] },
    y: [1, 2],
    values: [1.125, 4],
    dx: [1.125, 4],
  },
  'leaky-relu': {
    op: 'leaky-relu',
    x: { shape: [1, 2], data: [-2, 3] },
    attributes: { alpha: 0.5 },
    y: [1, 2],
    values: [-1, 3],
    dx: [-0.5, 3],
  },
  elu: {
    op: 'elu',
    x: { shape: [1, 2], data: [-Math.log(2), 3] },
    attributes: { alpha: 2 },
    y: [1, 2],
    values: [-1, 3],
    dx: [-1, 3],
  },
};

const tensorOf = ({ shape, data }: { shape: Shape; data: number[] }): Tensor =>
  floatTensor(shape, Float32Array.from(data));

test.each(Object.entries(cases))('%s', async (_title, sample) => {
  const constants: Record<string, Tensor> = {
    one: floatTensor(
      sample.x.shape,
      Float32Array.from(sample.x.data, () => 1),
    ),
  };
  for (const [name, value] of Object.entries(sample.constants ?? {})) constants[name] = tensorOf(value);
  const order = ['x', ...Object.keys(sample.constants ?? {})];
  const graph = sketchGraph({ in: sample.x.shape }, constants, [
    { op: 'mul', inputs: ['in', 'one'], outputs: { x: sample.x.shape } },
    { op: sample.op, inputs: order, outputs: { y: sample.y }, attributes: sample.attributes ?? {} },
  ]);
  const trained = ['one', ...Object.keys(sample.gradients ?? {})];
  const target = new Float32Array(sample.values.length);
  const run = await runTraining(
    graph,
    floatOptions(graph, 1, trained),
    { in: tensorOf(sample.x) },
    { 'mean-squared-error': target },
  );
  const close = (seen: Float32Array, expected: number[]): void =>
    expected.forEach((value, index) => {
      expect(seen[index], `element ${index}`).toBeCloseTo(value, 4);
    });
  close(run.logits, sample.values);
  close(
    run.gradients.get('one')!,
    sample.dx.map((value, index) => value * sample.x.data[index]!),
  );
  for (const [name, expected] of Object.entries(sample.gradients ?? {})) close(run.gradients.get(name)!, expected);
});

test('losses: cross-entropy and divergence at a known point', async () => {
  // Softmax of [0, ln 3] is [1/4, 3/4].
  const logits = [0, Math.log(3)];
  const graph = sketchGraph({ in: [1, 2] }, { one: floatTensor([1, 2], Float32Array.of(1, 1)) }, [
    { op: 'mul', inputs: ['in', 'one'], outputs: { y: [1, 2] } },
  ]);
  const feeds = { in: floatTensor([1, 2], Float32Array.from(logits)) };
  const labelled = {
    ...floatOptions(graph, 1, ['one']),
    losses: [{ loss: 'cross-entropy', weight: 2, temperature: 1 }] as const,
  };
  const ce = await runTraining(graph, labelled, feeds, { 'cross-entropy': Float32Array.of(1, 0) });
  expect(ce.loss).toBeCloseTo(2 * Math.log(4), 5);
  expect(ce.gradients.get('one')![1]).toBeCloseTo(2 * 0.75 * Math.log(3), 5);
  // Teacher [0, 0] at temperature 2: student sqrt(3) odds, q = [1, sqrt 3] / (1 + sqrt 3).
  const distilled = { ...labelled, losses: [{ loss: 'kl-divergence', weight: 1, temperature: 2 }] as const };
  const kl = await runTraining(graph, distilled, feeds, { 'kl-divergence': Float32Array.of(0, 0) });
  const q = [1 / (1 + Math.sqrt(3)), Math.sqrt(3) / (1 + Math.sqrt(3))];
  expect(kl.loss).toBeCloseTo(4 * (0.5 * Math.log(0.5 / q[0]!) + 0.5 * Math.log(0.5 / q[1]!)), 5);
  expect(kl.gradients.get('one')![1]).toBeCloseTo(2 * (q[1]! - 0.5) * Math.log(3), 5);
});
