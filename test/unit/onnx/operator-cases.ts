/** Small ONNX models, one per way that an operator can be written, with the IR ops they become. The original model's own run in onnxruntime is the oracle. */

import { seededRandom } from '../../../src/base/random.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import {
  createOnnxBuilder,
  floatScalar,
  intVector,
  type OnnxAttribute,
  type OnnxBuilder,
} from '../../../src/onnx/onnx-builder.ts';

export interface OperatorCase {
  readonly name: string;
  readonly opset: number;
  /** Shape of the input `x`, batch left out. */
  readonly shape: readonly number[];
  /** IR ops of the imported graph, in order. */
  readonly ops: readonly string[];
  build(b: CaseBuilder): void;
}

export interface CaseBuilder extends OnnxBuilder {
  /** Adds a node from `x` and further inputs to `y`. */
  op(type: string, inputs?: readonly string[], attributes?: Record<string, OnnxAttribute>): void;
  /** A random float constant. */
  random(name: string, shape: readonly number[], low?: number, high?: number): string;
  ints(name: string, values: readonly number[]): string;
  scalar(name: string, value: number): string;
}

export function buildCase(test: OperatorCase, seed: number): Uint8Array {
  const random = seededRandom(seed);
  const builder = createOnnxBuilder();
  const b: CaseBuilder = {
    ...builder,
    op: (type, inputs = [], attributes = {}) =>
      builder.node(type, ['x', ...inputs], ['y'], { name: `the-${type}`, attributes }),
    random: (name, shape, low = -1, high = 1) => {
      const data = Float32Array.from(
        { length: shape.reduce((a, c) => a * c, 1) },
        () => low + random.next() * (high - low),
      );
      return builder.constant(name, { dtype: 'float32', shape, data });
    },
    ints: (name, values) => builder.constant(name, intVector(values)),
    scalar: (name, value) => builder.constant(name, floatScalar(value)),
  };
  builder.input('x', 'float32', ['N', ...test.shape]);
  test.build(b);
  builder.output('y', 'float32', []);
  return builder.finish({ opset: test.opset, name: test.name });
}

const int = (value: number): OnnxAttribute => ({ int: value });
const ints = (...values: number[]): OnnxAttribute => ({ ints: values });
const float = (value: number): OnnxAttribute => ({ float: value });
const text = (value: string): OnnxAttribute => ({ string: value });

function one(name: string, shape: number[], ops: string[], build: (b: CaseBuilder) => void, opset = 13): OperatorCase {
  return { name, shape, ops, build, opset };
}

const convolutions: OperatorCase[] = [
  one('Conv with asymmetric pads, strides, dilations', [3, 9, 8], ['conv'], (b) =>
    b.op('Conv', [b.random('w', [4, 3, 3, 2]), b.random('c', [4])], {
      pads: ints(1, 0, 2, 1),
      strides: ints(2, 1),
      dilations: ints(1, 2),
    }),
  ),
  one('Conv with groups', [4, 5, 5], ['conv'], (b) =>
    b.op('Conv', [b.random('w', [6, 2, 3, 3])], { group: int(2), kernel_shape: ints(3, 3) }),
  ),
  one('Conv depthwise, multiplier 2, SAME_LOWER', [3, 6, 7], ['depthwise-conv'], (b) =>
    b.op('Conv', [b.random('w', [6, 1, 3, 4]), b.random('c', [6])], {
      group: int(3),
      auto_pad: text('SAME_LOWER'),
      strides: ints(2, 2),
    }),
  ),
  one('Conv SAME_UPPER', [2, 7, 7], ['conv'], (b) =>
    b.op('Conv', [b.random('w', [2, 2, 4, 4])], { auto_pad: text('SAME_UPPER'), strides: ints(3, 2) }),
  ),
  one('Conv 1-D', [3, 11], ['conv'], (b) =>
    b.op('Conv', [b.random('w', [5, 3, 3]), b.random('c', [5])], { pads: ints(2, 1), strides: ints(2) }),
  ),
  one('Conv 1-D depthwise', [3, 11], ['depthwise-conv'], (b) =>
    b.op('Conv', [b.random('w', [3, 1, 3])], { group: int(3), dilations: ints(2) }),
  ),
  one('Conv of half-precision weights', [2, 4, 4], ['conv'], (b) => {
    b.constant('w16', { dtype: 'float32', shape: [2, 2, 1, 1], data: Float32Array.of(0.5, -1, 2, 0.25) });
    b.node('Cast', ['w16'], ['half'], { name: 'half', attributes: { to: int(10) } });
    b.node('Cast', ['half'], ['w'], { name: 'float', attributes: { to: int(1) } });
    b.op('Conv', ['w']);
  }),
  one('ConvTranspose with groups and output padding', [4, 3, 4], ['conv-transpose'], (b) =>
    b.op('ConvTranspose', [b.random('w', [4, 3, 3, 2]), b.random('c', [6])], {
      group: int(2),
      strides: ints(2, 3),
      pads: ints(1, 0, 0, 1),
      output_padding: ints(1, 0),
    }),
  ),
];

const dense: OperatorCase[] = [
  one('Gemm, transB, alpha, beta, bias of one value', [6], ['fully-connected'], (b) =>
    b.op('Gemm', [b.random('w', [4, 6]), b.random('c', [1])], { transB: int(1), alpha: float(0.5), beta: float(2) }),
  ),
  one('Gemm, weights input-major', [6], ['fully-connected'], (b) =>
    b.op('Gemm', [b.random('w', [6, 4]), b.random('c', [1, 4])]),
  ),
  one('MatMul by a constant over rows', [5, 6], ['fully-connected'], (b) => b.op('MatMul', [b.random('w', [6, 3])])),
  one('MatMul of two values', [5, 6], ['transpose', 'mat-mul'], (b) => {
    b.node('Transpose', ['x'], ['t'], { name: 't', attributes: { perm: ints(0, 2, 1) } });
    b.op('MatMul', ['t']);
  }),
  one('Add and Sub of a constant first', [2, 3, 3], ['add', 'sub'], (b) => {
    b.node('Add', [b.random('a', [2, 1, 1]), 'x'], ['s'], { name: 's' });
    b.node('Sub', [b.random('b', [1, 2, 1, 3]), 's'], ['y'], { name: 'd' });
  }),
  one('Div by a constant', [2, 3], ['mul'], (b) => b.op('Div', [b.random('d', [3], 0.5, 2)])),
  one('Pow 2 and Sum of three', [4], ['mul', 'add', 'add'], (b) => {
    b.node('Pow', ['x', b.scalar('two', 2)], ['q'], { name: 'q' });
    b.node('Sum', ['x', 'q', b.random('k', [4])], ['y'], { name: 'sum' });
  }),
  one('BatchNormalization', [3, 2, 2], ['batch-normalization'], (b) =>
    b.op(
      'BatchNormalization',
      [b.random('g', [3]), b.random('b', [3]), b.random('m', [3]), b.random('v', [3], 0.1, 1)],
      { epsilon: float(0.01) },
    ),
  ),
];

const activations: OperatorCase[] = [
  ...[
    ['Relu', 'clamp'],
    ['Sigmoid', 'sigmoid'],
    ['Tanh', 'tanh'],
    ['Softplus', 'softplus'],
    ['Erf', 'erf'],
    ['Exp', 'exp'],
    ['Abs', 'abs'],
    ['Neg', 'neg'],
  ].map(([type, op]) => one(type!, [3, 4], [op!], (b) => b.op(type!))),
  one('HardSwish', [5], ['hard-swish'], (b) => b.op('HardSwish'), 14),
  one('Gelu', [5], ['gelu'], (b) => b.op('Gelu'), 20),
  one('Sqrt of Abs', [5], ['abs', 'sqrt'], (b) => {
    b.node('Abs', ['x'], ['a'], { name: 'a' });
    b.node('Sqrt', ['a'], ['y'], { name: 's' });
  }),
  one('Clip by inputs, one side open', [5], ['clamp'], (b) => b.op('Clip', ['', b.scalar('max', 0.5)])),
  one('Clip by attributes', [5], ['clamp'], (b) => b.op('Clip', [], { min: float(-0.25), max: float(0.5) }), 10),
  one('Min and Max with constants', [5], ['clamp', 'clamp'], (b) => {
    b.node('Max', [b.scalar('low', -0.5), 'x'], ['m'], { name: 'm' });
    b.node('Min', ['m', b.scalar('high', 0.25)], ['y'], { name: 'n' });
  }),
  one('LeakyRelu', [5], ['leaky-relu'], (b) => b.op('LeakyRelu', [], { alpha: float(0.3) })),
  one('Elu', [5], ['elu'], (b) => b.op('Elu', [], { alpha: float(0.7) })),
  one('HardSigmoid', [5], ['hard-sigmoid'], (b) => b.op('HardSigmoid', [], { alpha: float(0.3), beta: float(0.4) })),
  one('PRelu per channel', [3, 2, 2], ['prelu'], (b) => b.op('PRelu', [b.random('s', [3, 1, 1])])),
  one('Softmax over an inner axis', [3, 4, 2], ['softmax'], (b) => b.op('Softmax', [], { axis: int(2) })),
  one(
    'Softmax before opset 13 flattens',
    [3, 4],
    ['reshape', 'softmax', 'reshape'],
    (b) => b.op('Softmax', [], { axis: int(1) }),
    11,
  ),
];

const pools: OperatorCase[] = [
  one('MaxPool with pads and ceil_mode', [2, 7, 8], ['max-pool'], (b) =>
    b.op('MaxPool', [], { kernel_shape: ints(3, 2), strides: ints(2, 3), pads: ints(1, 0, 1, 1), ceil_mode: int(1) }),
  ),
  one('MaxPool 1-D with dilations', [2, 9], ['max-pool'], (b) =>
    b.op('MaxPool', [], { kernel_shape: ints(3), dilations: ints(2) }),
  ),
  one('AveragePool counting padding', [2, 6, 6], ['average-pool'], (b) =>
    b.op('AveragePool', [], { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1), count_include_pad: int(1) }),
  ),
  one('AveragePool not counting padding', [2, 6, 6], ['average-pool'], (b) =>
    b.op('AveragePool', [], { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1), strides: ints(2, 2) }),
  ),
  one('GlobalAveragePool', [3, 4, 5], ['global-average-pool'], (b) => b.op('GlobalAveragePool')),
  one('GlobalMaxPool', [3, 4, 5], ['max-pool'], (b) => b.op('GlobalMaxPool')),
  one('ReduceMean keeping axes', [3, 4, 5], ['global-average-pool'], (b) =>
    b.op('ReduceMean', [], { axes: ints(-1, 2) }),
  ),
  one(
    'ReduceMean dropping axes, opset 18',
    [3, 4, 5],
    ['global-average-pool', 'reshape'],
    (b) => b.op('ReduceMean', [b.ints('axes', [2, 3])], { keepdims: int(0) }),
    18,
  ),
];

const movements: OperatorCase[] = [
  one('Reshape with 0 and -1', [4, 6], ['reshape'], (b) => b.op('Reshape', [b.ints('s', [0, 2, -1])])),
  one(
    'Flatten, Unsqueeze, Squeeze; a reshape to the same shape vanishes',
    [2, 3, 2],
    ['reshape', 'reshape', 'reshape'],
    (b) => {
      b.node('Flatten', ['x'], ['f'], { name: 'f' });
      b.node('Unsqueeze', ['f', b.ints('axes', [1, -1])], ['u'], { name: 'u' });
      b.node('Squeeze', ['u', b.ints('axes2', [1, 3])], ['q'], { name: 'q' });
      b.node('Reshape', ['q', b.ints('s', [-1, 12])], ['y'], { name: 'r' });
    },
  ),
  one('Transpose', [2, 3, 4], ['transpose'], (b) => b.op('Transpose', [], { perm: ints(0, 3, 1, 2) })),
  one('Concat of three', [2, 3], ['mul', 'concat'], (b) => {
    b.node('Mul', ['x', 'x'], ['q'], { name: 'q' });
    b.node('Concat', ['x', 'q', 'x'], ['y'], { name: 'c', attributes: { axis: int(-1) } });
  }),
  one('Split into uneven parts', [5, 2], ['split', 'concat'], (b) => {
    b.node('Split', ['x', b.ints('sizes', [2, 3])], ['p', 'q'], { name: 's', attributes: { axis: int(1) } });
    b.node('Concat', ['q', 'p'], ['y'], { name: 'c', attributes: { axis: int(1) } });
  }),
  one('Slice with steps and negative bounds', [6, 7], ['slice'], (b) =>
    b.op('Slice', [b.ints('b', [1, -6]), b.ints('e', [-1, 1000]), b.ints('a', [1, 2]), b.ints('s', [2, 3])]),
  ),
  one(
    'Slice by attributes',
    [6, 7],
    ['slice'],
    (b) => b.op('Slice', [], { starts: ints(2), ends: ints(5), axes: ints(2) }),
    9,
  ),
  one('Pad with a value', [2, 3, 3], ['pad'], (b) =>
    b.op('Pad', [b.ints('p', [0, 1, 0, 2, 0, 0, 3, 1]), b.scalar('v', 0.5)]),
  ),
  one(
    'Pad of some axes, opset 18',
    [2, 3, 3],
    ['pad'],
    (b) => b.op('Pad', [b.ints('p', [1, 2]), '', b.ints('a', [-1])]),
    18,
  ),
  one('Resize nearest by scales', [2, 3, 4], ['resize'], (b) => {
    b.constant('scales', { dtype: 'float32', shape: [4], data: Float32Array.of(1, 1, 2, 1.5) });
    b.op('Resize', ['', 'scales'], {
      mode: text('nearest'),
      coordinate_transformation_mode: text('asymmetric'),
      nearest_mode: text('floor'),
    });
  }),
  one('Resize bilinear, align corners', [2, 3, 4], ['resize'], (b) => {
    b.constant('scales', { dtype: 'float32', shape: [4], data: Float32Array.of(1, 1, 2, 3) });
    b.op('Resize', ['', 'scales'], { mode: text('linear'), coordinate_transformation_mode: text('align_corners') });
  }),
  one(
    'Upsample',
    [2, 3, 4],
    ['resize'],
    (b) => {
      b.constant('scales', { dtype: 'float32', shape: [4], data: Float32Array.of(1, 1, 2, 2) });
      b.op('Upsample', ['scales'], { mode: text('nearest') });
    },
    9,
  ),
  one('Identity, Dropout and Cast vanish', [3], ['clamp'], (b) => {
    b.node('Identity', ['x'], ['i'], { name: 'i' });
    b.node('Dropout', ['i'], ['d'], { name: 'd' });
    b.node('Cast', ['d'], ['c'], { name: 'c', attributes: { to: int(1) } });
    b.node('Relu', ['c'], ['y'], { name: 'r' });
  }),
];

/** Shape arithmetic as exporters write it: all of it must vanish into constants. */
const shapeArithmetic: OperatorCase[] = [
  one('flatten through Shape, Gather, Unsqueeze, Concat', [2, 3, 2], ['reshape'], (b) => {
    b.node('Shape', ['x'], ['shape'], { name: 'shape' });
    b.constant('zero', { dtype: 'int64', shape: [], data: BigInt64Array.of(0n) });
    b.node('Gather', ['shape', 'zero'], ['batch'], { name: 'batch', attributes: { axis: int(0) } });
    b.node('Unsqueeze', ['batch', b.ints('axis', [0])], ['batch1'], { name: 'batch1' });
    b.node('Concat', ['batch1', b.ints('rest', [-1])], ['target'], { name: 'target', attributes: { axis: int(0) } });
    b.op('Reshape', ['target']);
  }),
  one('a quarter of the size by Div, and Cast, which truncates', [4, 6], ['slice'], (b) => {
    b.node('Shape', ['x'], ['shape'], { name: 'shape' });
    b.node('Slice', ['shape', b.ints('two', [2]), b.ints('three', [3]), b.ints('first', [0])], ['width'], {
      name: 'width',
    });
    b.node('Cast', ['width'], ['real'], { name: 'real', attributes: { to: int(1) } });
    b.node('Div', ['real', b.scalar('four', 4)], ['quarter'], { name: 'quarter' });
    b.node('Cast', ['quarter'], ['end'], { name: 'end', attributes: { to: int(7) } });
    b.op('Slice', [b.ints('zero', [0]), 'end', b.ints('axes', [2])]);
  }),
  one('Pad by ConstantOfShape, Concat, Reshape, reversed Slice, Transpose', [4, 3, 3], ['pad'], (b) => {
    b.node('ConstantOfShape', [b.ints('six', [4])], ['zeros'], { name: 'zeros' });
    b.node('Cast', ['zeros'], ['izeros'], { name: 'izeros', attributes: { to: int(7) } });
    b.node('Concat', [b.ints('some', [1, 2, 0, 1]), 'izeros'], ['eight'], {
      name: 'eight',
      attributes: { axis: int(0) },
    });
    b.node('Reshape', ['eight', b.ints('pairs', [-1, 2])], ['matrix'], { name: 'matrix' });
    b.node(
      'Slice',
      ['matrix', b.ints('from', [-1]), b.ints('to', [-(2 ** 40)]), b.ints('on', [0]), b.ints('back', [-1])],
      ['turned'],
      { name: 'turned' },
    );
    b.node('Transpose', ['turned'], ['columns'], { name: 'columns', attributes: { perm: ints(1, 0) } });
    b.node('Reshape', ['columns', b.ints('flat', [-1])], ['pads'], { name: 'pads' });
    b.op('Pad', ['pads']);
  }),
  one('weights made of constants', [3], ['fully-connected'], (b) => {
    b.node('Mul', [b.random('w', [3, 2]), b.scalar('half', 0.5)], ['scaled'], { name: 'scaled' });
    b.node('Transpose', ['scaled'], ['t'], { name: 't', attributes: { perm: ints(1, 0) } });
    b.node('Relu', ['t'], ['rectified'], { name: 'rectified' });
    b.op('Gemm', ['rectified'], { transB: int(1) });
  }),
];

export const operatorCases: readonly OperatorCase[] = [
  ...convolutions,
  ...dense,
  ...activations,
  ...pools,
  ...movements,
  ...shapeArithmetic,
];

export function randomInput(shape: readonly number[], samples: number, seed: number): Tensor {
  const random = seededRandom(seed);
  const count = shape.reduce((product, size) => product * size, samples);
  return {
    dtype: 'float32',
    shape: [samples, ...shape],
    data: Float32Array.from({ length: count }, () => random.next() * 4 - 2),
  };
}
