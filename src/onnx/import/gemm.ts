/** ONNX Gemm and MatMul. A constant right side becomes `fully-connected` with weights [outputs, inputs]; two values become `mat-mul`. */
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

export function importMatMul(node: OnnxNode, context: ImportContext): void {
  const [a, b] = [node.inputs[0] ?? '', node.inputs[1] ?? ''];
  if (context.constant(b) === undefined) {
    context.emit(node, 'mat-mul', [a, b], node.outputs, { clamp: null });
    return;
  }
  const weight = floatConstant(context, node, 1, 'right side');
  if (weight.shape.length !== 2)
    unsupported(node, 'multiplies by a constant that is no matrix', { seen: `[${weight.shape.join(',')}]` });
  const weights = context.derive(b, 'turned', () => transposeTensor(weight, [1, 0]));
  context.emit(node, 'fully-connected', [a, weights], node.outputs, { clamp: null });
}
