/** Arithmetic, comparison and choice on constants, in the numbers of the first input's dtype. What shape subgraphs and folded scales are made of. */
import { type DType, elementCount, stridesOf, type Tensor } from '../../base/tensor.ts';
import type { ImportContext } from '../import/import-context.ts';
import { invalid, type OnnxNode } from '../import/onnx-node.ts';
import { checkFoldedShape, type Folder, requireInput } from './folder.ts';
import { isInteger, numbersOf, tensorOf } from './number-array.ts';
import { broadcastShapes, broadcastSteps, stridedCopy } from './strided-copy.ts';

type Binary = (a: number, b: number, integer: boolean) => number;

const binaries: Readonly<Record<string, Binary>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b, integer) => (integer ? Math.trunc(a / b) : a / b),
  Mod: (a, b) => a - Math.floor(a / b) * b,
  Pow: (a, b) => a ** b,
  Min: (a, b) => Math.min(a, b),
  Max: (a, b) => Math.max(a, b),
  Equal: (a, b) => Number(a === b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  And: (a, b) => Number(a !== 0 && b !== 0),
  Or: (a, b) => Number(a !== 0 || b !== 0),
};
const comparisons = new Set(['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'And', 'Or']);

const unaries: Readonly<Record<string, (value: number) => number>> = {
  Neg: (value) => -value,
  Abs: Math.abs,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Sqrt: Math.sqrt,
  Reciprocal: (value) => 1 / value,
  Sign: Math.sign,
  Not: (value) => Number(value === 0),
};

function broadcastTo(node: OnnxNode, context: ImportContext, tensor: Tensor, shape: readonly number[]): Tensor {
  if (tensor.shape.join() === shape.join()) return tensor;
  checkFoldedShape(node, context, shape);
  return stridedCopy(tensor, shape, 0, broadcastSteps(tensor.shape, stridesOf(tensor.shape), shape));
}

function commonShape(node: OnnxNode, tensors: readonly Tensor[]): number[] {
  return tensors.slice(1).reduce<number[]>(
    (shape, tensor) =>
      broadcastShapes(shape, tensor.shape) ??
      invalid(node, 'constants do not broadcast', {
        seen: tensors.map((entry) => `[${entry.shape.join(',')}]`).join(' and '),
      }),
    [...tensors[0]!.shape],
  );
}

const foldBinary: Folder = (node, inputs, context) => {
  const [a, b] = [requireInput(node, inputs, 0), requireInput(node, inputs, 1)];
  const shape = commonShape(node, [a, b]);
  const [left, right] = [a, b].map((tensor) => numbersOf(broadcastTo(node, context, tensor, shape))) as [
    number[],
    number[],
  ];
  const operate = binaries[node.opType]!;
  const integer = isInteger(a.dtype);
  if (integer && (node.opType === 'Div' || node.opType === 'Mod') && right.includes(0))
    invalid(node, 'divides a constant by zero');
  const dtype: DType = comparisons.has(node.opType) ? 'bool' : a.dtype;
  return [
    tensorOf(
      dtype,
      shape,
      left.map((value, index) => operate(value, right[index]!, integer)),
    ),
  ];
};

const foldUnary: Folder = (node, inputs) => {
  const tensor = requireInput(node, inputs, 0);
  return [tensorOf(tensor.dtype, tensor.shape, numbersOf(tensor).map(unaries[node.opType]!))];
};

const foldWhere: Folder = (node, inputs, context) => {
  const tensors = [0, 1, 2].map((index) => requireInput(node, inputs, index));
  const shape = commonShape(node, tensors);
  const [condition, yes, no] = tensors.map((tensor) => numbersOf(broadcastTo(node, context, tensor, shape))) as [
    number[],
    number[],
    number[],
  ];
  return [
    tensorOf(
      tensors[1]!.dtype,
      shape,
      condition.map((chosen, index) => (chosen !== 0 ? yes[index]! : no[index]!)),
    ),
  ];
};

const reductions: Readonly<Record<string, (values: readonly number[]) => number>> = {
  ReduceProd: (values) => values.reduce((product, value) => product * value, 1),
  ReduceSum: (values) => values.reduce((sum, value) => sum + value, 0),
  ReduceMin: (values) => values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
  ReduceMax: (values) => values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
};

/** Reductions of vectors only: that is what size arithmetic needs. */
const foldReduction: Folder = (node, inputs) => {
  const tensor = requireInput(node, inputs, 0);
  if (tensor.shape.length !== 1 || elementCount(tensor.shape) === 0)
    invalid(node, 'reduces a constant that is no vector', { seen: `[${tensor.shape.join(',')}]` });
  const shape = node.attributes.int('keepdims', 1) === 0 ? [] : [1];
  return [tensorOf(tensor.dtype, shape, [reductions[node.opType]!(numbersOf(tensor))])];
};

export const elementwiseFolders: Readonly<Record<string, Folder>> = {
  ...Object.fromEntries(Object.keys(binaries).map((name) => [name, foldBinary])),
  ...Object.fromEntries(Object.keys(unaries).map((name) => [name, foldUnary])),
  ...Object.fromEntries(Object.keys(reductions).map((name) => [name, foldReduction])),
  Where: foldWhere,
};
