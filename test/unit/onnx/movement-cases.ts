/** Pools, movements of elements and shape arithmetic as ONNX models, with the IR ops they become. */
import { int, ints, type OperatorCase, one, text } from './case-builder.ts';

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

/** Gather from a value, as indexing is exported. */
const picks: OperatorCase[] = [
  one('one column by a negative index', [2, 3, 4], ['slice', 'reshape'], (b) => {
    b.constant('last', { dtype: 'int64', shape: [], data: BigInt64Array.of(-1n) });
    b.op('Gather', ['last'], { axis: int(3) });
  }),
  one('every second channel', [5, 3, 4], ['slice'], (b) =>
    b.op('Gather', [b.ints('even', [0, 2, 4])], { axis: int(1) }),
  ),
  one('rows of a nearest resize', [2, 3, 4], ['resize'], (b) =>
    b.op('Gather', [b.ints('twice', [0, 0, 1, 1, 2, 2])], { axis: int(2) }),
  ),
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

export const movementCases: readonly OperatorCase[] = [...pools, ...movements, ...picks, ...shapeArithmetic];
