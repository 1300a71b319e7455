/** One-operator graphs for every op of the registry: what the float and integer op suites run over. A new op adds its cases here. */
import type { Shape } from '../../../src/base/tensor.ts';
import type { Attributes } from '../../../src/graph/graph.ts';

export interface OpCase {
  /** Unique; also the node's name. */
  readonly name: string;
  readonly op: string;
  /** Shapes of the activation inputs. */
  readonly values: readonly Shape[];
  /** Shapes of the constant inputs, after the activations unless `constantFirst`. */
  readonly constants?: readonly Shape[];
  readonly constantFirst?: boolean;
  readonly attributes?: Attributes;
  readonly outputs?: number;
  /** Real range of inputs; default [-2, 3]. */
  readonly range?: readonly [number, number];
  /** Constants are kept positive (variances). */
  readonly positiveConstants?: boolean;
  /** Input 1 holds indices below this. */
  readonly indicesBelow?: number;
}

const unit = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], clamp: null };
const relu = { min: 0, max: Number.POSITIVE_INFINITY };
const image: Shape = [1, 4, 7, 6];

const convolutions: OpCase[] = [
  {
    name: 'pointwise',
    op: 'conv',
    values: [image],
    constants: [[5, 4, 1, 1], [5]],
    attributes: { ...unit, groups: 1 },
  },
  {
    name: 'asymmetric pads, stride, relu6',
    op: 'conv',
    values: [image],
    constants: [[3, 4, 3, 2], [3]],
    attributes: { strides: [2, 1], dilations: [1, 1], pads: [2, 0, 1, 1], groups: 1, clamp: { min: 0, max: 6 } },
  },
  {
    name: 'groups and dilation, no bias',
    op: 'conv',
    values: [image],
    constants: [[6, 2, 3, 3]],
    attributes: { strides: [1, 2], dilations: [2, 2], pads: [3, 3, 3, 3], groups: 2, clamp: relu },
  },
  {
    name: 'one-dimensional',
    op: 'conv',
    values: [[1, 3, 11]],
    constants: [[4, 3, 1, 5], [4]],
    attributes: { strides: [1, 2], dilations: [1, 1], pads: [0, 2, 0, 2], groups: 1, clamp: null },
  },
  {
    name: 'depthwise',
    op: 'depthwise-conv',
    values: [image],
    constants: [[4, 1, 3, 3], [4]],
    attributes: { ...unit, pads: [1, 1, 1, 1], clamp: relu },
  },
  {
    name: 'depthwise multiplier',
    op: 'depthwise-conv',
    values: [image],
    constants: [[8, 1, 2, 3]],
    attributes: { strides: [2, 2], dilations: [1, 2], pads: [0, 1, 1, 2], clamp: null },
  },
  {
    name: 'transposed',
    op: 'conv-transpose',
    values: [[1, 4, 3, 5]],
    constants: [[6, 2, 3, 3], [6]],
    attributes: {
      strides: [2, 3],
      dilations: [1, 1],
      pads: [1, 0, 1, 1],
      outputPadding: [1, 0],
      groups: 2,
      clamp: null,
    },
  },
  {
    name: 'transposed dilated',
    op: 'conv-transpose',
    values: [[1, 2, 4, 4]],
    constants: [[3, 2, 2, 3]],
    attributes: {
      strides: [1, 1],
      dilations: [2, 1],
      pads: [0, 0, 0, 0],
      outputPadding: [0, 0],
      groups: 1,
      clamp: relu,
    },
  },
];

const dense: OpCase[] = [
  { name: 'dense', op: 'fully-connected', values: [[1, 9]], constants: [[5, 9], [5]], attributes: { clamp: null } },
  { name: 'dense rows', op: 'fully-connected', values: [[1, 3, 7]], constants: [[4, 7]], attributes: { clamp: relu } },
  {
    name: 'matmul',
    op: 'mat-mul',
    values: [
      [1, 3, 5],
      [1, 5, 4],
    ],
    attributes: { clamp: null },
  },
  {
    name: 'matmul batch',
    op: 'mat-mul',
    values: [
      [1, 2, 3, 5],
      [1, 2, 5, 4],
    ],
    attributes: { clamp: null },
  },
];

const elementwise: OpCase[] = ['add', 'sub', 'mul'].flatMap((op): OpCase[] => [
  { name: `${op} same`, op, values: [image, image], attributes: { clamp: null } },
  { name: `${op} channel`, op, values: [image, [1, 4, 1, 1]], attributes: { clamp: relu } },
  {
    name: `${op} scalar`,
    op,
    values: [
      [1, 8],
      [1, 1],
    ],
    attributes: { clamp: null },
  },
  { name: `${op} constant channel`, op, values: [image], constants: [[4, 1, 1]], attributes: { clamp: null } },
  { name: `${op} constant scalar`, op, values: [[1, 3, 5]], constants: [[]], attributes: { clamp: relu } },
  { name: `${op} constant full`, op, values: [image], constants: [image], attributes: { clamp: null } },
  {
    name: `${op} constant left`,
    op,
    values: [image],
    constants: [[4, 1, 1]],
    constantFirst: true,
    attributes: { clamp: null },
  },
]);

const pools: OpCase[] = [
  {
    name: 'max pool',
    op: 'max-pool',
    values: [image],
    attributes: { kernel: [3, 2], strides: [2, 2], dilations: [1, 1], pads: [1, 0, 1, 1], clamp: null },
  },
  {
    name: 'max pool dilated',
    op: 'max-pool',
    values: [[1, 3, 12]],
    attributes: { kernel: [1, 3], strides: [1, 2], dilations: [1, 2], pads: [0, 1, 0, 1], clamp: null },
  },
  ...[false, true].map(
    (countIncludePad): OpCase => ({
      name: `average pool ${countIncludePad ? 'with' : 'without'} padding`,
      op: 'average-pool',
      values: [image],
      attributes: {
        kernel: [3, 3],
        strides: [2, 2],
        dilations: [1, 1],
        pads: [1, 1, 1, 1],
        countIncludePad,
        clamp: null,
      },
    }),
  ),
  { name: 'global average', op: 'global-average-pool', values: [image], attributes: { clamp: null } },
  { name: 'global average line', op: 'global-average-pool', values: [[1, 5, 9]], attributes: { clamp: null } },
];

const unary: OpCase[] = [
  ...['sigmoid', 'tanh', 'hard-swish', 'softplus', 'mish', 'erf', 'gelu', 'exp', 'abs', 'neg'].map(
    (op): OpCase => ({ name: op, op, values: [image] }),
  ),
  { name: 'sqrt', op: 'sqrt', values: [image], range: [0, 5] },
  { name: 'leaky-relu', op: 'leaky-relu', values: [image], attributes: { alpha: 0.125 } },
  { name: 'elu', op: 'elu', values: [image], attributes: { alpha: 0.75 } },
  { name: 'hard-sigmoid', op: 'hard-sigmoid', values: [image], attributes: { alpha: 0.25, beta: 0.5 } },
  { name: 'clamp', op: 'clamp', values: [image], attributes: { clamp: { min: -0.5, max: 1.5 } } },
  { name: 'requantize', op: 'requantize', values: [image], attributes: { clamp: null } },
  { name: 'prelu', op: 'prelu', values: [image], constants: [[4, 1, 1]] },
  { name: 'prelu scalar', op: 'prelu', values: [[1, 6]], constants: [[1]] },
  {
    name: 'batch-normalization',
    op: 'batch-normalization',
    values: [image],
    constants: [[4], [4], [4], [4]],
    positiveConstants: true,
    attributes: { epsilon: 1e-3 },
  },
];

const movement: OpCase[] = [
  { name: 'softmax', op: 'softmax', values: [[1, 10]], attributes: { axis: 1 } },
  { name: 'softmax channels', op: 'softmax', values: [image], attributes: { axis: 1 } },
  { name: 'flatten', op: 'reshape', values: [image], attributes: { shape: [1, 168] } },
  { name: 'flatten free', op: 'reshape', values: [[1, 7, 1, 1]], attributes: { shape: [1, 7] } },
  { name: 'unflatten', op: 'reshape', values: [[1, 24]], attributes: { shape: [1, 2, 3, 4] } },
  { name: 'reshape both', op: 'reshape', values: [[1, 4, 3, 2]], attributes: { shape: [1, 6, 2, 2] } },
  { name: 'reshape spatial', op: 'reshape', values: [[1, 4, 3, 2]], attributes: { shape: [1, 4, 6] } },
  { name: 'transpose', op: 'transpose', values: [image], attributes: { permutation: [0, 2, 3, 1] } },
  { name: 'transpose line', op: 'transpose', values: [[1, 5, 3]], attributes: { permutation: [0, 2, 1] } },
  { name: 'transpose free', op: 'transpose', values: [[1, 1, 5, 3]], attributes: { permutation: [0, 2, 1, 3] } },
  {
    name: 'concat channels',
    op: 'concat',
    values: [
      [1, 2, 3, 2],
      [1, 1, 3, 2],
      [1, 3, 3, 2],
    ],
    attributes: { axis: 1 },
  },
  {
    name: 'concat rows',
    op: 'concat',
    values: [
      [1, 2, 3, 2],
      [1, 2, 1, 2],
    ],
    attributes: { axis: 2 },
  },
  { name: 'split', op: 'split', values: [[1, 5, 3, 2]], attributes: { axis: 1, sizes: [2, 3] }, outputs: 2 },
  {
    name: 'slice',
    op: 'slice',
    values: [image],
    attributes: { begin: [0, 1, 0, 2], end: [1, 4, 7, 6], step: [1, 2, 3, 1] },
  },
  {
    name: 'pad',
    op: 'pad',
    values: [[1, 2, 3, 4]],
    attributes: { before: [0, 1, 0, 2], after: [0, 0, 1, 1], value: 0.5 },
  },
  { name: 'gather', op: 'gather', values: [[1]], constants: [[9, 5]], indicesBelow: 9, constantFirst: true },
  { name: 'gather rows', op: 'gather', values: [[1, 4]], constants: [[9, 5]], indicesBelow: 9, constantFirst: true },
  { name: 'arg-max', op: 'arg-max', values: [[1, 10]], attributes: { axis: 1, keepDims: false } },
  { name: 'arg-max channels', op: 'arg-max', values: [image], attributes: { axis: 1, keepDims: true } },
  { name: 'arg-max channels dropped', op: 'arg-max', values: [image], attributes: { axis: 1, keepDims: false } },
  { name: 'arg-max last', op: 'arg-max', values: [image], attributes: { axis: 3, keepDims: false } },
];

const resizes: OpCase[] = [
  ['nearest', 'asymmetric', 'floor', [2, 3]],
  ['nearest', 'half-pixel', 'round-prefer-floor', [2, 2]],
  ['nearest', 'half-pixel', 'round-prefer-ceil', [0.5, 1.5]],
  ['nearest', 'align-corners', 'ceil', [2, 2]],
  ['bilinear', 'half-pixel', 'floor', [2, 2]],
  ['bilinear', 'pytorch-half-pixel', 'floor', [1.5, 3]],
  ['bilinear', 'align-corners', 'floor', [2, 3]],
  ['bilinear', 'asymmetric', 'floor', [2, 0.5]],
].map(([mode, coordinates, rounding, factors]): OpCase => {
  const scales = factors as number[];
  const size = [Math.floor(4 * scales[0]), Math.floor(6 * scales[1])];
  return {
    name: `resize ${mode} ${coordinates} ${rounding}`,
    op: 'resize',
    values: [[1, 3, 4, 6]],
    attributes: { mode, coordinates, rounding, size, scales } as Attributes,
  };
});

export const opCases: readonly OpCase[] = [
  ...convolutions,
  ...dense,
  ...elementwise,
  ...pools,
  ...unary,
  ...movement,
  ...resizes,
];
