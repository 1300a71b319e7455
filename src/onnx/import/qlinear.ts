/** Operators of quantized models in operator form: QLinearConv, QLinearMatMul and ONNX Runtime's own. Each is imported as the float operator that it stands for, with its scales noted. */
import type { Tensor } from '../../base/tensor.ts';
import { floatsOf } from '../fold/number-array.ts';
import { importLeakyRelu, importUnary } from './activation.ts';
import { importConv } from './conv.ts';
import { importAdd, importMul } from './elementwise.ts';
import { importGemm, importMatMul } from './gemm.ts';
import { type ImportContext, requireConstant } from './import-context.ts';
import { importConcat } from './layout.ts';
import { invalid, type OnnxNode, unsupported } from './onnx-node.ts';
import { importAveragePool, importGlobalAveragePool } from './pool.ts';
import { dequantized, noteActivation, noteRead, notesOf, quantizationOf, scaleIndex } from './quantize-linear.ts';
import { importSoftmax } from './softmax.ts';

type FloatImporter = (node: OnnxNode, context: ImportContext) => void;

/** An operand of three inputs (codes, scale, zero point): a value that is noted, or a constant made real. */
function operand(node: OnnxNode, context: ImportContext, at: number, axis = 0): string {
  const name = node.inputs[at] ?? '';
  const codes = context.constant(name);
  if (codes === undefined) return noteRead(node, context, name, quantizationOf(node, context, at + 1, at + 2));
  const scale = requireConstant(context, node, at + 1, 'scale');
  const zeroPoint =
    (node.inputs[at + 2] ?? '') === '' ? undefined : requireConstant(context, node, at + 2, 'zero point');
  const real = context.derive(name, `real/${node.inputs[at + 1]}/${node.inputs[at + 2] ?? ''}`, () =>
    dequantized(node, codes, scale, zeroPoint, axis),
  );
  notesOf(node, context).weights.set(real, { scales: floatsOf(scale).slice(), bits: weightBits(node, context, name) });
  return real;
}

/** Four bits where every code fits: an int4 initializer widened by a Cast is int8 by now. */
function weightBits(node: OnnxNode, context: ImportContext, name: string): number {
  const codes = requireConstant(context, node, node.inputs.indexOf(name), 'weight');
  return (codes.data as Int8Array).every((code) => code >= -8 && code <= 7) ? 4 : 8;
}

/** bias codes * input scale * weight scale, as a constant. */
function realBias(node: OnnxNode, context: ImportContext, at: number): string[] {
  const name = node.inputs[at] ?? '';
  if (name === '') return [];
  const bias = requireConstant(context, node, at, 'bias');
  const inputScale = floatsOf(requireConstant(context, node, 1, 'scale'))[0] ?? Number.NaN;
  const scales = floatsOf(requireConstant(context, node, 4, 'weight scale'));
  const scaleAt = scaleIndex(node, [bias.data.length], 0, scales.length);
  const make = (): Tensor => ({
    dtype: 'float32',
    shape: [bias.data.length],
    data: Float32Array.from(
      { length: bias.data.length },
      (_, index) => Number(bias.data[index]!) * inputScale * scales[scaleAt(index)]!,
    ),
  });
  return [context.derive(name, `real/${node.inputs[1]}/${node.inputs[4]}`, make)];
}

/** Imports the float operator and notes the scale of its output. */
function emitAs(
  node: OnnxNode,
  context: ImportContext,
  opType: string,
  importer: FloatImporter,
  inputs: readonly string[],
  outputScale: number,
): void {
  const output = node.outputs[0]!;
  importer({ ...node, opType, domain: '', inputs }, context);
  if ((node.inputs[outputScale] ?? '') !== '')
    noteActivation(node, context, output, quantizationOf(node, context, outputScale, outputScale + 1));
}

export function importQLinearConv(node: OnnxNode, context: ImportContext): void {
  const inputs = [operand(node, context, 0), operand(node, context, 3), ...realBias(node, context, 8)];
  emitAs(node, context, 'Conv', importConv, inputs, 6);
}

export function importQLinearMatMul(node: OnnxNode, context: ImportContext): void {
  emitAs(node, context, 'MatMul', importMatMul, [operand(node, context, 0), operand(node, context, 3, 1)], 6);
}

export function importQGemm(node: OnnxNode, context: ImportContext): void {
  if (node.attributes.float('alpha', 1) !== 1) unsupported(node, 'alpha other than 1');
  const axis = node.attributes.int('transB', 0) === 0 ? 1 : 0;
  const inputs = [operand(node, context, 0), operand(node, context, 3, axis), ...realBias(node, context, 6)];
  emitAs(node, context, 'Gemm', importGemm, inputs, 7);
}

export function importQLinearAdd(node: OnnxNode, context: ImportContext): void {
  emitAs(node, context, 'Add', importAdd, [operand(node, context, 0), operand(node, context, 3)], 6);
}

export function importQLinearMul(node: OnnxNode, context: ImportContext): void {
  emitAs(node, context, 'Mul', importMul, [operand(node, context, 0), operand(node, context, 3)], 6);
}

/** One value in and out: scale and zero point of the input, then of the output. */
function unary(opType: string, importer: FloatImporter): FloatImporter {
  return (node, context) => {
    if (node.attributes.int('channels_last', 0) !== 0) unsupported(node, 'channels_last');
    emitAs(node, context, opType, importer, [operand(node, context, 0)], 3);
  };
}

export const importQLinearAveragePool = unary('AveragePool', importAveragePool);
export const importQLinearGlobalAveragePool = unary('GlobalAveragePool', importGlobalAveragePool);
export const importQLinearSigmoid = unary('Sigmoid', importUnary);
export const importQLinearLeakyRelu = unary('LeakyRelu', importLeakyRelu);
export const importQLinearSoftmax = unary('Softmax', importSoftmax);

/** Scale and zero point of the output come first, then three inputs a value. */
export function importQLinearConcat(node: OnnxNode, context: ImportContext): void {
  const parts = (node.inputs.length - 2) / 3;
  if (!Number.isInteger(parts) || parts < 1)
    invalid(node, 'its inputs are not three a value', { seen: node.inputs.length });
  const inputs = Array.from({ length: parts }, (_, index) => operand(node, context, 2 + 3 * index));
  importConcat({ ...node, opType: 'Concat', domain: '', inputs }, context);
  noteActivation(node, context, node.outputs[0]!, quantizationOf(node, context, 0, 1));
}
