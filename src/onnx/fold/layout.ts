/** Constants moved, joined and cut: Reshape and its family, Transpose, Slice, Concat, Split, Gather, Expand, Tile, Cast. */
import { elementCount, type Shape, stridesOf, type Tensor, transposeTensor } from '../../base/tensor.ts';
import { integerList, normalAxis } from '../import/axis.ts';
import { permutationOf, sliceRange, splitSizes } from '../import/layout.ts';
import { invalid, type OnnxNode, unsupported } from '../import/onnx-node.ts';
import { reshapedShape } from '../import/reshape.ts';
import { tensorTypeName, tensorTypes } from '../tensor-type.ts';
import { checkFoldedShape, type Folder, requireInput } from './folder.ts';
import { numbersOf, tensorOf } from './number-array.ts';
import { broadcastShapes, broadcastSteps, emptyLike, stridedCopy } from './strided-copy.ts';

const foldReshape: Folder = (node, inputs, context) => {
  const tensor = requireInput(node, inputs, 0);
  return [{ ...tensor, shape: reshapedShape(node, context, tensor.shape) }];
};

const foldTranspose: Folder = (node, inputs) => {
  const tensor = requireInput(node, inputs, 0);
  return [transposeTensor(tensor, permutationOf(node, tensor.shape.length))];
};

const foldSlice: Folder = (node, inputs, context) => {
  const tensor = requireInput(node, inputs, 0);
  const { begin, end, step } = sliceRange(node, context, tensor.shape);
  const strides = stridesOf(tensor.shape);
  const shape = begin.map((first, axis) => Math.max(Math.ceil((end[axis]! - first) / step[axis]!), 0));
  const start = begin.reduce((sum, first, axis) => sum + first * strides[axis]!, 0);
  return [
    stridedCopy(
      tensor,
      shape,
      start,
      strides.map((stride, axis) => stride * step[axis]!),
    ),
  ];
};

function along(tensor: Tensor, axis: number, begin: number, size: number): Tensor {
  const strides = stridesOf(tensor.shape);
  const shape = tensor.shape.map((full, index) => (index === axis ? size : full));
  return stridedCopy(tensor, shape, begin * strides[axis]!, strides);
}

const foldSplit: Folder = (node, inputs, context) => {
  const tensor = requireInput(node, inputs, 0);
  const axis = normalAxis(node, node.attributes.int('axis', 0), tensor.shape.length);
  let begin = 0;
  return splitSizes(node, context, tensor.shape, axis).map((size) => {
    const part = along(tensor, axis, begin, size);
    begin += size;
    return part;
  });
};

const foldConcat: Folder = (node, inputs, context) => {
  const tensors = inputs.map((_, index) => requireInput(node, inputs, index));
  const first = tensors[0] ?? invalid(node, 'has no inputs');
  const axis = normalAxis(node, node.attributes.int('axis', 0), first.shape.length);
  const rest = (shape: Shape): string => shape.filter((_, index) => index !== axis).join();
  if (
    tensors.some(
      (tensor) =>
        tensor.dtype !== first.dtype ||
        tensor.shape.length !== first.shape.length ||
        rest(tensor.shape) !== rest(first.shape),
    )
  ) {
    invalid(node, 'joins constants that do not fit', {
      seen: tensors.map((tensor) => `${tensor.dtype}[${tensor.shape.join(',')}]`).join(' '),
    });
  }
  const shape = first.shape.map((size, index) =>
    index === axis ? tensors.reduce((sum, tensor) => sum + tensor.shape[axis]!, 0) : size,
  );
  checkFoldedShape(node, context, shape);
  const data = emptyLike(first.data, elementCount(shape));
  const outer = elementCount(shape.slice(0, axis));
  let target = 0;
  for (let block = 0; block < outer; block++) {
    for (const tensor of tensors) {
      const length = elementCount(tensor.shape.slice(axis));
      data.set(tensor.data.subarray(block * length, (block + 1) * length) as never, target);
      target += length;
    }
  }
  return [{ ...first, shape, data }];
};

/** Gather of any rank along any axis. */
const foldGather: Folder = (node, inputs, context) => {
  const tensor = requireInput(node, inputs, 0);
  const indices = requireInput(node, inputs, 1);
  const axis = normalAxis(node, node.attributes.int('axis', 0), tensor.shape.length);
  const size = tensor.shape[axis]!;
  const picks = numbersOf(indices).map((index) => (index < 0 ? index + size : index));
  const bad = picks.find((index) => !(index >= 0 && index < size));
  if (bad !== undefined) invalid(node, 'gathers outside the constant', { seen: bad, allowed: `0 to ${size - 1}` });
  const outer = elementCount(tensor.shape.slice(0, axis));
  const inner = elementCount(tensor.shape.slice(axis + 1));
  const shape = [...tensor.shape.slice(0, axis), ...indices.shape, ...tensor.shape.slice(axis + 1)];
  checkFoldedShape(node, context, shape);
  const data = emptyLike(tensor.data, elementCount(shape));
  for (let block = 0; block < outer; block++) {
    picks.forEach((pick, index) => {
      const source = (block * size + pick) * inner;
      data.set(tensor.data.subarray(source, source + inner) as never, (block * picks.length + index) * inner);
    });
  }
  return [{ ...tensor, shape, data }];
};

const foldExpand: Folder = (node, inputs, context) => {
  const tensor = requireInput(node, inputs, 0);
  const given = integerList(node, context, 1, 'shape') ?? invalid(node, 'has no shape');
  const shape =
    broadcastShapes(tensor.shape, given) ??
    invalid(node, 'expands a constant to a shape that does not fit', {
      seen: `[${tensor.shape.join(',')}] to [${given.join(',')}]`,
    });
  checkFoldedShape(node, context, shape);
  return [stridedCopy(tensor, shape, 0, broadcastSteps(tensor.shape, stridesOf(tensor.shape), shape))];
};

const foldTile: Folder = (node, inputs, context) => {
  const tensor = requireInput(node, inputs, 0);
  const repeats = integerList(node, context, 1, 'repeats') ?? [];
  if (repeats.length !== tensor.shape.length)
    invalid(node, 'its repeats do not fit', { seen: repeats.length, allowed: tensor.shape.length });
  const shape = tensor.shape.map((size, axis) => size * repeats[axis]!);
  checkFoldedShape(node, context, shape);
  // Repeating an axis is reading [repeat, size] with step 0 on the new axis.
  const strides = stridesOf(tensor.shape);
  const wide = tensor.shape.flatMap((size, axis) => [repeats[axis]!, size]);
  return [
    {
      ...stridedCopy(
        tensor,
        wide,
        0,
        strides.flatMap((stride) => [0, stride]),
      ),
      shape,
    },
  ];
};

const foldCast: Folder = (node, inputs) => {
  const tensor = requireInput(node, inputs, 0);
  return [castTensor(node, tensor, node.attributes.int('to', 0))];
};

function castTensor(node: OnnxNode, tensor: Tensor, target: number): Tensor {
  const dtype =
    tensorTypes[target]?.dtype ??
    unsupported(node, 'casts a constant to a type that is not supported', { seen: tensorTypeName(target) });
  if (dtype === tensor.dtype) return tensor;
  return tensorOf(dtype, tensor.shape, numbersOf(tensor));
}

const foldIdentity: Folder = (node, inputs) => [requireInput(node, inputs, 0)];

export const layoutFolders: Readonly<Record<string, Folder>> = {
  Reshape: foldReshape,
  Flatten: foldReshape,
  Squeeze: foldReshape,
  Unsqueeze: foldReshape,
  Transpose: foldTranspose,
  Slice: foldSlice,
  Split: foldSplit,
  Concat: foldConcat,
  Gather: foldGather,
  Expand: foldExpand,
  Tile: foldTile,
  Cast: foldCast,
  Identity: foldIdentity,
};
