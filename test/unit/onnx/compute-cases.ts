/** Convolutions, dense layers, arithmetic and activations as ONNX models, with the IR ops they become. */
import { float, int, ints, type OperatorCase, one, text } from './case-builder.ts';

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
  one('MatMul by a constant with an axis of 1 in front', [5, 6], ['fully-connected'], (b) =>
    b.op('MatMul', [b.random('w', [1, 6, 3])]),
  ),
  one('MatMul by a vector', [5, 6], ['fully-connected', 'reshape'], (b) => b.op('MatMul', [b.random('w', [6])])),
  one('MatMul by a constant from the left', [5, 6], ['transpose', 'fully-connected', 'transpose'], (b) =>
    b.node('MatMul', [b.random('w', [1, 3, 5]), 'x'], ['y'], { name: 'm' }),
  ),
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
  one('Mish', [5], ['mish'], (b) => b.op('Mish'), 18),
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

export const computeCases: readonly OperatorCase[] = [...convolutions, ...dense, ...activations];
