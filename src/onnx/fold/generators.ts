/** Constants out of nothing or out of shapes: Constant, ConstantOfShape, Range, Shape, Size. */
import { elementCount, type Tensor } from '../../base/tensor.ts';
import { invalid, unsupported } from '../import/onnx-node.ts';
import { checkFoldedShape, type Folder, requireInput } from './folder.ts';
import { numbersOf, tensorOf } from './number-array.ts';
import { emptyLike } from './strided-copy.ts';

const foldConstant: Folder = (node) => {
  const { attributes } = node;
  const tensor = attributes.tensor('value');
  if (tensor !== undefined) return [tensor];
  if (attributes.has('value_float')) return [tensorOf('float32', [], [attributes.float('value_float', 0)])];
  if (attributes.has('value_int')) return [tensorOf('int64', [], [attributes.int('value_int', 0)])];
  const floats = attributes.floats('value_floats');
  if (floats !== undefined) return [tensorOf('float32', [floats.length], floats)];
  const ints = attributes.ints('value_ints');
  if (ints !== undefined) return [tensorOf('int64', [ints.length], ints)];
  return unsupported(node, 'holds no dense number', { allowed: 'value, value_float(s) or value_int(s)' });
};

const foldConstantOfShape: Folder = (node, inputs, context) => {
  const shape = numbersOf(requireInput(node, inputs, 0));
  checkFoldedShape(node, context, shape);
  const value: Tensor = node.attributes.tensor('value') ?? tensorOf('float32', [1], [0]);
  if (value.data.length !== 1) invalid(node, 'its value is no scalar', { seen: `[${value.shape.join(',')}]` });
  const data = emptyLike(value.data, elementCount(shape));
  data.fill(value.data[0] as never);
  return [{ ...value, shape, data }];
};

const foldRange: Folder = (node, inputs, context) => {
  const [start, limit, delta] = [0, 1, 2].map(
    (index) => numbersOf(requireInput(node, inputs, index))[0] ?? Number.NaN,
  ) as [number, number, number];
  const count = Math.max(Math.ceil((limit - start) / delta), 0);
  if (!Number.isFinite(count)) invalid(node, 'its range has no end', { seen: `${start} to ${limit} by ${delta}` });
  checkFoldedShape(node, context, [count]);
  return [
    tensorOf(
      inputs[0]!.dtype,
      [count],
      Array.from({ length: count }, (_, index) => start + index * delta),
    ),
  ];
};

/** Shape reads a shape, not data: its input may be a value. */
const foldShape: Folder = (node, _inputs, context) => {
  const { shape } = context.value(node, node.inputs[0] ?? '');
  const rank = shape.length;
  const bound = (axis: number): number => (axis < 0 ? Math.max(axis + rank, 0) : Math.min(axis, rank));
  const part = shape.slice(bound(node.attributes.int('start', 0)), bound(node.attributes.int('end', rank)));
  return [tensorOf('int64', [part.length], part)];
};

const foldSize: Folder = (node, _inputs, context) => [
  tensorOf('int64', [], [elementCount(context.value(node, node.inputs[0] ?? '').shape)]),
];

export const generatorFolders: Readonly<Record<string, Folder>> = {
  Constant: foldConstant,
  ConstantOfShape: foldConstantOfShape,
  Range: foldRange,
};

/** Folders of nodes whose inputs need not be constants. */
export const shapeFolders: Readonly<Record<string, Folder>> = { Shape: foldShape, Size: foldSize };
