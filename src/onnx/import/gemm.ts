/** ONNX Gemm and MatMul. A constant side becomes `fully-connected` with weights [outputs, inputs]; two values become `mat-mul`. */
import { type Tensor, transposeTensor } from '../../base/tensor.ts';
import { type FloatConstant, floatConstant, floatConstantName, type ImportContext } from './import-context.ts';
import { invalid, type OnnxNode, unsupported } from './onnx-node.ts';

export function importGemm(node: OnnxNode, context: ImportContext): void {
  const alpha = node.attributes.float('alpha', 1);
  const beta = node.attributes.float('beta', 1);
  if (node.attributes.int('transA', 0) !== 0)
    unsupported(node, 'transA', { next: 'Transpose the input in the model.' });
  const input = context.value(node, node.inputs[0] ?? '');
  const weight = floatConstant(context, node, 1, 'weight');
  if (weight.shape.length !== 2 || input.shape.length !== 2) {
    invalid(node, 'has inputs that are no matrices', {
      seen: `[${input.shape.join(',')}] times [${weight.shape.join(',')}]`,
    });
  }
  const outputMajor = node.attributes.int('transB', 0) !== 0;
  const outputs = weight.shape[outputMajor ? 0 : 1]!;
  const bias = (node.inputs[2] ?? '') === '' ? [] : [gemmBias(node, context, beta, outputs)];
  const weights = gemmWeight(node, context, weight, outputMajor, alpha);
  context.emit(node, 'fully-connected', [node.inputs[0]!, weights, ...bias], node.outputs, { clamp: null });
}

/** Weights [outputs, inputs], times alpha. */
function gemmWeight(
  node: OnnxNode,
  context: ImportContext,
  weight: FloatConstant,
  outputMajor: boolean,
  alpha: number,
): string {
  if (outputMajor && alpha === 1) return floatConstantName(context, node, 1, 'weight');
  const role = `${outputMajor ? 'scaled' : 'turned'}${alpha === 1 ? '' : alpha}`;
  return context.derive(node.inputs[1]!, role, () =>
    scaled(outputMajor ? weight : transposeTensor(weight, [1, 0]), alpha),
  );
}

function gemmBias(node: OnnxNode, context: ImportContext, beta: number, outputs: number): string {
  const bias = floatConstant(context, node, 2, 'bias');
  const last = bias.shape.at(-1) ?? 1;
  if (bias.data.length !== last || (last !== outputs && last !== 1)) {
    unsupported(node, 'adds a bias that is no row', { seen: `[${bias.shape.join(',')}]`, allowed: `[${outputs}]` });
  }
  if (
    beta === 1 &&
    bias.shape.length === 1 &&
    last === outputs &&
    context.constant(node.inputs[2]!)!.dtype === 'float32'
  )
    return node.inputs[2]!;
  return context.derive(node.inputs[2]!, `row${outputs}${beta === 1 ? '' : `x${beta}`}`, () => {
    const row = last === outputs ? bias.data : new Float32Array(outputs).fill(bias.data[0]!);
    return scaled({ dtype: 'float32', shape: [outputs], data: row }, beta);
  });
}

/** ONNX Runtime multiplies in float32 too. */
function scaled(tensor: FloatConstant, by: number): Tensor {
  return by === 1 ? tensor : { ...tensor, data: tensor.data.map((value) => value * by) };
}

/** Two values, or a value and a constant matrix on either side. */
export function importMatMul(node: OnnxNode, context: ImportContext): void {
  const [a, b] = [node.inputs[0] ?? '', node.inputs[1] ?? ''];
  if (context.constant(b) !== undefined) multiplyFromRight(node, context);
  else if (context.constant(a) !== undefined) multiplyFromLeft(node, context);
  else context.emit(node, 'mat-mul', [a, b], node.outputs, { clamp: null });
}

/** A vector is a column whose axis the product drops. */
function multiplyFromRight(node: OnnxNode, context: ImportContext): void {
  const { shape } = context.value(node, node.inputs[0] ?? '');
  const weight = matrixOf(node, context, 1, shape.length);
  const [inputs, outputs] = weight.shape as [number, number];
  const weights = context.derive(node.inputs[1]!, 'turned', () => transposeTensor(weight, [1, 0]));
  const isVector = context.constant(node.inputs[1]!)!.shape.length === 1;
  if (!isVector) {
    context.emit(node, 'fully-connected', [node.inputs[0]!, weights], node.outputs, { clamp: null });
    return;
  }
  if (shape.length < 2 || shape.at(-1) !== inputs)
    invalid(node, 'its sides do not fit', { seen: `[${shape.join(',')}] times [${inputs}]` });
  const column = `${node.outputs[0]}/column`;
  context.emit(node, 'fully-connected', [node.inputs[0]!, weights], [column], { clamp: null }, 'product');
  context.emit(node, 'reshape', [column], [node.outputs[0]!], { shape: [...shape.slice(0, -1), outputs].slice(0, -1) });
}

/** A x is (x' A')', with ' turning the last two axes: the constant is the weights of a dense layer between two transposes. */
function multiplyFromLeft(node: OnnxNode, context: ImportContext): void {
  const { shape } = context.value(node, node.inputs[1] ?? '');
  const weight = matrixOf(node, context, 0, shape.length);
  const rank = shape.length;
  if (rank < 3 || context.constant(node.inputs[0]!)!.shape.length < 2)
    unsupported(node, 'multiplies by a constant from the left across the batch', { seen: `[${shape.join(',')}]` });
  const permutation = [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2];
  const weights = context.derive(node.inputs[0]!, 'matrix', () => weight);
  const output = node.outputs[0]!;
  context.emit(node, 'transpose', [node.inputs[1]!], [`${output}/turned`], { permutation }, 'turn');
  context.emit(
    node,
    'fully-connected',
    [`${output}/turned`, weights],
    [`${output}/product`],
    { clamp: null },
    'product',
  );
  context.emit(node, 'transpose', [`${output}/product`], [output], { permutation });
}

/** A constant side as a matrix: ones in front of its two axes say nothing, and a vector is a column. */
function matrixOf(node: OnnxNode, context: ImportContext, index: number, rank: number): FloatConstant {
  const constant = floatConstant(context, node, index, 'constant side');
  const shape = constant.shape.length === 1 ? [...constant.shape, 1] : constant.shape.slice(-2);
  const fits = constant.shape.length > 0 && constant.shape.length <= rank;
  if (fits && constant.shape.slice(0, -2).every((size) => size === 1)) return { ...constant, shape };
  return unsupported(node, 'multiplies by a constant that is no matrix', { seen: `[${constant.shape.join(',')}]` });
}
