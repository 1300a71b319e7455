/** One or more cases for each operator with a gradient: shapes and attributes that reach its branches. */
import type { Shape, Tensor } from '../../../src/base/tensor.ts';
import type { Attributes } from '../../../src/graph/graph.ts';
import { randomTensor } from './training-harness.ts';

export interface GradientCase {
  readonly title: string;
  readonly op: string;
  /** Activations, batch 1; the harness runs a batch of 2. */
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly constants?: Readonly<Record<string, Tensor>>;
  /** Constants that are not trained. */
  readonly frozen?: readonly string[];
  /** Inputs of the node in order. */
  readonly order: readonly string[];
  readonly outputs: Readonly<Record<string, Shape>>;
  readonly attributes?: Attributes;
  /** int64 inputs with the number of rows that they index. */
  readonly integers?: Readonly<Record<string, number>>;
  readonly positive?: boolean;
}

const infinity = Number.POSITIVE_INFINITY;

interface ConvolutionSketch {
  readonly op?: 'conv' | 'depthwise-conv' | 'conv-transpose';
  readonly x: Shape;
  readonly w: Shape;
  readonly y: Shape;
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  readonly pads?: readonly number[];
  readonly groups?: number;
  readonly bias?: boolean;
  readonly more?: Attributes;
}

function convolution(title: string, sketch: ConvolutionSketch): GradientCase {
  const { op = 'conv', x, w, y, strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0], groups = 1 } = sketch;
  const bias = sketch.bias === true;
  return {
    title: `${op}: ${title}`,
    op,
    inputs: { x },
    constants: { w: randomTensor(w, 3), ...(bias ? { b: randomTensor([w[0]!], 4) } : {}) },
    order: bias ? ['x', 'w', 'b'] : ['x', 'w'],
    outputs: { y },
    attributes: { strides, dilations, pads, groups, clamp: null, ...sketch.more },
  };
}

const convolutions: GradientCase[] = [
  convolution('3x3, padded, bias', {
    x: [1, 3, 6, 5],
    w: [4, 3, 3, 3],
    y: [1, 4, 6, 5],
    pads: [1, 1, 1, 1],
    bias: true,
  }),
  convolution('3x3, stride 2, pads only after', {
    x: [1, 3, 8, 8],
    w: [4, 3, 3, 3],
    y: [1, 4, 4, 4],
    strides: [2, 2],
    pads: [0, 0, 1, 1],
  }),
  convolution('3x3, stride 2, last row unused', { x: [1, 3, 8, 9], w: [4, 3, 3, 3], y: [1, 4, 3, 4], strides: [2, 2] }),
  convolution('1x1', { x: [1, 5, 4, 4], w: [3, 5, 1, 1], y: [1, 3, 4, 4] }),
  convolution('1x1, stride 2', { x: [1, 5, 5, 6], w: [3, 5, 1, 1], y: [1, 3, 3, 3], strides: [2, 2] }),
  convolution('dilated, uneven strides', {
    x: [1, 2, 9, 9],
    w: [3, 2, 3, 2],
    y: [1, 3, 3, 8],
    strides: [2, 1],
    dilations: [2, 1],
  }),
  convolution('pads wider than the kernel', { x: [1, 2, 4, 4], w: [3, 2, 2, 2], y: [1, 3, 7, 7], pads: [2, 2, 2, 2] }),
  convolution('groups', {
    x: [1, 4, 5, 5],
    w: [6, 2, 3, 3],
    y: [1, 6, 5, 5],
    pads: [1, 1, 1, 1],
    groups: 2,
    bias: true,
  }),
  convolution('groups, stride 2', {
    x: [1, 4, 5, 5],
    w: [6, 2, 3, 3],
    y: [1, 6, 3, 3],
    pads: [1, 1, 1, 1],
    groups: 2,
    strides: [2, 2],
  }),
  convolution('1-D', { x: [1, 3, 10], w: [4, 3, 1, 3], y: [1, 4, 5], strides: [1, 2], pads: [0, 1, 0, 1] }),
  convolution('fused Relu', {
    x: [1, 3, 5, 5],
    w: [4, 3, 3, 3],
    y: [1, 4, 3, 3],
    bias: true,
    more: { clamp: { min: 0, max: infinity } },
  }),
  convolution('3x3, padded', {
    op: 'depthwise-conv',
    x: [1, 4, 6, 5],
    w: [4, 1, 3, 3],
    y: [1, 4, 6, 5],
    pads: [1, 1, 1, 1],
    bias: true,
  }),
  convolution('stride 2, multiplier 2', {
    op: 'depthwise-conv',
    x: [1, 3, 8, 8],
    w: [6, 1, 3, 3],
    y: [1, 6, 4, 4],
    strides: [2, 2],
    pads: [0, 0, 1, 1],
  }),
  convolution('stride 3, rows left over', {
    op: 'depthwise-conv',
    x: [1, 3, 10, 9],
    w: [3, 1, 2, 2],
    y: [1, 3, 3, 3],
    strides: [3, 3],
  }),
  convolution('dilated', {
    op: 'depthwise-conv',
    x: [1, 3, 8, 8],
    w: [3, 1, 3, 3],
    y: [1, 3, 4, 4],
    dilations: [2, 2],
  }),
  convolution('stride 2', {
    op: 'conv-transpose',
    x: [1, 3, 4, 4],
    w: [2, 3, 3, 3],
    y: [1, 2, 8, 8],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    bias: true,
    more: { outputPadding: [1, 1] },
  }),
  convolution('groups', {
    op: 'conv-transpose',
    x: [1, 4, 3, 3],
    w: [6, 2, 2, 2],
    y: [1, 6, 6, 6],
    strides: [2, 2],
    groups: 2,
    more: { outputPadding: [0, 0] },
  }),
];

const pool = { kernel: [2, 2], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0], clamp: null } as const;
const overlapping = { kernel: [3, 3], strides: [2, 2], dilations: [1, 1], pads: [1, 1, 1, 1], clamp: null } as const;
const pools: GradientCase[] = [
  {
    title: 'max-pool: 2x2',
    op: 'max-pool',
    inputs: { x: [1, 2, 6, 6] },
    order: ['x'],
    outputs: { y: [1, 2, 3, 3] },
    attributes: pool,
  },
  {
    title: 'max-pool: overlapping, padded',
    op: 'max-pool',
    inputs: { x: [1, 2, 7, 7] },
    order: ['x'],
    outputs: { y: [1, 2, 4, 4] },
    attributes: overlapping,
  },
  {
    title: 'average-pool: 2x2',
    op: 'average-pool',
    inputs: { x: [1, 2, 6, 6] },
    order: ['x'],
    outputs: { y: [1, 2, 3, 3] },
    attributes: { ...pool, countIncludePad: false },
  },
  {
    title: 'average-pool: overlapping, valid taps',
    op: 'average-pool',
    inputs: { x: [1, 2, 7, 6] },
    order: ['x'],
    outputs: { y: [1, 2, 4, 3] },
    attributes: { ...overlapping, countIncludePad: false },
  },
  {
    title: 'average-pool: overlapping, whole kernel',
    op: 'average-pool',
    inputs: { x: [1, 2, 7, 7] },
    order: ['x'],
    outputs: { y: [1, 2, 4, 4] },
    attributes: { ...overlapping, countIncludePad: true },
  },
  {
    title: 'average-pool: 1-D',
    op: 'average-pool',
    inputs: { x: [1, 2, 7] },
    order: ['x'],
    outputs: { y: [1, 2, 3] },
    attributes: { kernel: [1, 2], strides: [1, 2], pads: [0, 0, 0, 0], countIncludePad: true },
  },
  {
    title: 'global-average-pool',
    op: 'global-average-pool',
    inputs: { x: [1, 3, 4, 5] },
    order: ['x'],
    outputs: { y: [1, 3, 1, 1] },
  },
];

function unary(op: string, attributes: Attributes = {}, positive = false): GradientCase {
  return { title: op, op, inputs: { x: [1, 3, 4] }, order: ['x'], outputs: { y: [1, 3, 4] }, attributes, positive };
}

const unaries: GradientCase[] = [
  ...['sigmoid', 'tanh', 'softplus', 'erf', 'gelu', 'exp', 'abs', 'neg', 'hard-swish', 'requantize'].map((op) =>
    unary(op),
  ),
  unary('sqrt', {}, true),
  unary('leaky-relu', { alpha: 0.1 }),
  unary('elu', { alpha: 0.7 }),
  unary('hard-sigmoid', { alpha: 0.2, beta: 0.5 }),
  unary('softmax', { axis: 1 }),
  unary('softmax', { axis: 2 }),
  { ...unary('clamp', { clamp: { min: 0, max: infinity } }), title: 'clamp: Relu' },
  { ...unary('clamp', { clamp: { min: -0.5, max: 0.9 } }), title: 'clamp: two bounds' },
];

const shapes: GradientCase[] = [
  {
    title: 'reshape',
    op: 'reshape',
    inputs: { x: [1, 3, 4] },
    order: ['x'],
    outputs: { y: [1, 12] },
    attributes: { shape: [1, 12] },
  },
  {
    title: 'transpose',
    op: 'transpose',
    inputs: { x: [1, 3, 4, 2] },
    order: ['x'],
    outputs: { y: [1, 4, 2, 3] },
    attributes: { permutation: [0, 2, 3, 1] },
  },
  {
    title: 'concat',
    op: 'concat',
    inputs: { a: [1, 2, 3], b: [1, 4, 3] },
    order: ['a', 'b'],
    outputs: { y: [1, 6, 3] },
    attributes: { axis: 1 },
  },
  {
    title: 'split, one part unused',
    op: 'split',
    inputs: { x: [1, 5, 3] },
    order: ['x'],
    outputs: { y: [1, 2, 3], z: [1, 3, 3] },
    attributes: { axis: 1, sizes: [2, 3] },
  },
  {
    title: 'slice',
    op: 'slice',
    inputs: { x: [1, 5, 6] },
    order: ['x'],
    outputs: { y: [1, 3, 4] },
    attributes: { begin: [0, 1, 2], end: [1, 4, 6], step: [1, 1, 1] },
  },
  {
    title: 'slice with steps',
    op: 'slice',
    inputs: { x: [1, 7, 6] },
    order: ['x'],
    outputs: { y: [1, 3, 3] },
    attributes: { begin: [0, 1, 0], end: [1, 7, 6], step: [1, 2, 2] },
  },
  {
    title: 'slice with a step that ends early',
    op: 'slice',
    inputs: { x: [1, 8, 2] },
    order: ['x'],
    outputs: { y: [1, 2, 2] },
    attributes: { begin: [0, 0, 0], end: [1, 5, 2], step: [1, 4, 1] },
  },
  {
    title: 'pad',
    op: 'pad',
    inputs: { x: [1, 2, 3] },
    order: ['x'],
    outputs: { y: [1, 5, 4] },
    attributes: { before: [0, 1, 0], after: [0, 2, 1], value: 0.5 },
  },
];

const products: GradientCase[] = [
  {
    title: 'fully-connected',
    op: 'fully-connected',
    inputs: { x: [1, 6] },
    constants: { w: randomTensor([4, 6], 5), b: randomTensor([4], 6) },
    order: ['x', 'w', 'b'],
    outputs: { y: [1, 4] },
  },
  {
    title: 'fully-connected: three axes, no bias, Relu6',
    op: 'fully-connected',
    inputs: { x: [1, 3, 6] },
    constants: { w: randomTensor([4, 6], 5) },
    order: ['x', 'w'],
    outputs: { y: [1, 3, 4] },
    attributes: { clamp: { min: 0, max: 6 } },
  },
  {
    title: 'mat-mul',
    op: 'mat-mul',
    inputs: { a: [1, 2, 3, 4], b: [1, 2, 4, 5] },
    order: ['a', 'b'],
    outputs: { y: [1, 2, 3, 5] },
  },
  {
    title: 'mat-mul: broadcast',
    op: 'mat-mul',
    inputs: { a: [1, 2, 3, 4], b: [1, 1, 4, 5] },
    order: ['a', 'b'],
    outputs: { y: [1, 2, 3, 5] },
  },
  {
    title: 'add',
    op: 'add',
    inputs: { a: [1, 3, 4], b: [1, 3, 4] },
    order: ['a', 'b'],
    outputs: { y: [1, 3, 4] },
    attributes: { clamp: { min: 0, max: infinity } },
  },
  {
    title: 'add: broadcast constant',
    op: 'add',
    inputs: { a: [1, 3, 4] },
    constants: { c: randomTensor([3, 1], 7) },
    order: ['a', 'c'],
    outputs: { y: [1, 3, 4] },
  },
  {
    title: 'sub: broadcast value',
    op: 'sub',
    inputs: { a: [1, 3, 1], b: [1, 3, 4] },
    order: ['a', 'b'],
    outputs: { y: [1, 3, 4] },
  },
  {
    title: 'mul: squeeze and excite',
    op: 'mul',
    inputs: { a: [1, 3, 2, 2], b: [1, 3, 1, 1] },
    order: ['a', 'b'],
    outputs: { y: [1, 3, 2, 2] },
  },
  {
    title: 'prelu',
    op: 'prelu',
    inputs: { x: [1, 3, 4] },
    constants: { slope: randomTensor([3, 1], 8) },
    order: ['x', 'slope'],
    outputs: { y: [1, 3, 4] },
  },
  {
    title: 'batch-normalization',
    op: 'batch-normalization',
    inputs: { x: [1, 3, 4, 4] },
    constants: {
      scale: randomTensor([3], 9),
      bias: randomTensor([3], 10),
      mean: randomTensor([3], 11),
      variance: randomTensor([3], 12),
    },
    frozen: ['mean', 'variance'],
    order: ['x', 'scale', 'bias', 'mean', 'variance'],
    outputs: { y: [1, 3, 4, 4] },
    attributes: { epsilon: 1e-3 },
  },
  {
    title: 'gather',
    op: 'gather',
    inputs: { i: [1, 3] },
    integers: { i: 4 },
    constants: { table: randomTensor([4, 5], 13) },
    order: ['table', 'i'],
    outputs: { y: [1, 3, 5] },
  },
];

export const gradientCases: readonly GradientCase[] = [...convolutions, ...pools, ...unaries, ...shapes, ...products];
