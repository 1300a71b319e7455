/**
 * Which values of a quantized model are codes and which are reals. The graph has one value for both, so an operator that computes would
 * take codes for reals: here they are told apart, by the names of the file.
 */
import type { ActivationQuantization } from '../../graph/quantization-plan.ts';
import type { CodeType } from '../quantization-notes.ts';
import type { ImportContext } from './import-context.ts';
import { type OnnxNode, unsupported } from './onnx-node.ts';
import { codeTypes, quantizationOf } from './quantize-linear.ts';

/** Input that holds the zero point of the output, by operator without its domain: operators that write codes. */
const outputZeroPoints: ReadonlyMap<string, number> = new Map([
  ['QuantizeLinear', 2],
  ['QLinearConv', 7],
  ['QLinearMatMul', 7],
  ['QGemm', 8],
  ['QLinearAdd', 7],
  ['QLinearMul', 7],
  ['QLinearConcat', 1],
  ['QLinearAveragePool', 4],
  ['QLinearGlobalAveragePool', 4],
  ['QLinearSigmoid', 4],
  ['QLinearLeakyRelu', 4],
  ['QLinearSoftmax', 4],
]);

/** Operators that give codes of their first input back as codes on the same scale. */
const movers: ReadonlySet<string> = new Set([
  ...[
    'Identity',
    'Dropout',
    'Cast',
    'Clip',
    'Relu',
    'MaxPool',
    'GlobalMaxPool',
    'Concat',
    'Split',
    'Slice',
    'Pad',
    'Gather',
  ],
  ...['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Resize', 'Upsample', 'DepthToSpace', 'SpaceToDepth'],
]);

/** Order is all that these need of their input. */
const orderers: ReadonlySet<string> = new Set(['ArgMax']);

/** Throws MODEL_UNSUPPORTED where a node computes with codes as if they were reals. */
export function refuseCodes(node: OnnxNode, context: ImportContext): void {
  const codes = context.notes?.codes;
  if (codes === undefined || reads(node.opType)) return;
  const at = node.inputs.findIndex((input) => codes.has(input));
  if (at < 0 || (node.opType === 'Gather' && at === 1)) return;
  if (
    at === 0 &&
    movers.has(node.opType) &&
    (node.opType !== 'Concat' || node.inputs.every((input) => codes.has(input)))
  )
    return;
  if (at === 0 && orderers.has(node.opType)) return;
  unsupported(node, `computes with codes (${node.inputs[at]}) as if they were reals`, {
    next: 'Put it between a DequantizeLinear and a QuantizeLinear.',
  });
}

function reads(opType: string): boolean {
  return opType === 'DequantizeLinear' || outputZeroPoints.has(opType);
}

/** Notes which outputs of an imported node are codes, and the scale of those that were only moved. */
export function noteCodes(node: OnnxNode, context: ImportContext): void {
  const { notes } = context;
  if (notes === null || context.constant(node.outputs[0] ?? '') !== undefined) return;
  const type = writtenType(node, context) ?? movedType(node, context);
  if (type === undefined) return;
  const source = notes.activations.get(resolved(node.inputs[0] ?? '', node, context));
  for (const output of node.outputs) {
    if (output === '') continue;
    notes.codes.set(output, type);
    const name = resolved(output, node, context);
    if (movers.has(node.opType) && source !== undefined && !notes.activations.has(name))
      notes.activations.set(name, source);
  }
}

function resolved(name: string, node: OnnxNode, context: ImportContext): string {
  return name === '' || context.constant(name) !== undefined ? '' : context.value(node, name).name;
}

function writtenType(node: OnnxNode, context: ImportContext): CodeType | undefined {
  const at = outputZeroPoints.get(node.opType);
  if (at === undefined) return undefined;
  // QGemm without a scale of its output gives reals.
  if (node.opType === 'QGemm' && (node.inputs[7] ?? '') === '') return undefined;
  const zeroPoint = context.constant(node.inputs[at] ?? '');
  return zeroPoint === undefined ? codeTypes.get('uint8') : codeTypes.get(zeroPoint.dtype);
}

/** Codes out of codes, or rows of a table of codes. */
function movedType(node: OnnxNode, context: ImportContext): CodeType | undefined {
  if (!movers.has(node.opType)) return undefined;
  const table = context.constant(node.inputs[0] ?? '');
  if (node.opType === 'Gather' && table !== undefined) return codeTypes.get(table.dtype);
  return context.notes!.codes.get(node.inputs[0] ?? '');
}

/**
 * The scale that codes are read on further down, for a table whose node does not say it. Codes that nothing reads on a scale are as good
 * on one as on another: scale 1, zero point 0.
 */
export function scaleReadOn(name: string, context: ImportContext): ActivationQuantization {
  for (const reader of context.readersOf(name)) {
    const at = reader.inputs.indexOf(name);
    if (reads(reader.opType) && reader.inputs.length > at + 2) return quantizationOf(reader, context, at + 1, at + 2);
    if ((at === 0 || reader.opType === 'Concat') && movers.has(reader.opType))
      return scaleReadOn(reader.outputs[0]!, context);
  }
  return { bits: 8, qMin: -128, qMax: 127, scale: 1, zeroPoint: 0 };
}

/** What a code of the file means on the scale of a node's first input. */
export function realOfCode(node: OnnxNode, context: ImportContext, code: number, type: CodeType): number {
  const { name } = context.value(node, node.inputs[0] ?? '');
  const { scale, zeroPoint } = context.notes?.activations.get(name) ?? scaleReadOn(node.outputs[0]!, context);
  return (code - type.lowered - zeroPoint) * scale;
}
