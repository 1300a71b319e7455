/** ONNX activations: what clamps becomes `clamp`, the other functions of one value keep their names. */

import { realOfCode } from './code-flow.ts';
import { floatConstant, floatConstantName, type ImportContext, requireConstant } from './import-context.ts';
import { invalid, type OnnxNode, unsupported } from './onnx-node.ts';

/** On codes the bound is code 0, whatever real that is. */
export function importRelu(node: OnnxNode, context: ImportContext): void {
  const type = context.notes?.codes.get(node.inputs[0] ?? '');
  const zero = type === undefined ? 0 : realOfCode(node, context, 0, type);
  emitClamp(node, context, zero, Number.POSITIVE_INFINITY);
}

/** Bounds are attributes up to opset 6 and inputs since opset 11; both are read. Bounds that are codes are those of the value's scale. */
export function importClip(node: OnnxNode, context: ImportContext): void {
  const bound = (index: number, attribute: string, open: number): number => {
    if ((node.inputs[index] ?? '') === '') return openEnded(node.attributes.float(attribute, open));
    const tensor = requireConstant(context, node, index, attribute);
    const value = Number(tensor.data[0]);
    if (tensor.data.length !== 1)
      invalid(node, `its ${attribute} is no scalar`, { seen: `[${tensor.shape.join(',')}]` });
    const type = context.notes?.codes.get(node.inputs[0] ?? '');
    return type === undefined ? openEnded(value) : realOfCode(node, context, value, type);
  };
  emitClamp(node, context, bound(1, 'min', Number.NEGATIVE_INFINITY), bound(2, 'max', Number.POSITIVE_INFINITY));
}

/** Exporters write the largest float where they mean no bound. */
function openEnded(value: number): number {
  const largest = 3.4028234663852886e38;
  if (value >= largest) return Number.POSITIVE_INFINITY;
  return value <= -largest ? Number.NEGATIVE_INFINITY : value;
}

/** Max(x, constant) and Min(x, constant). */
export function importMinMax(node: OnnxNode, context: ImportContext): void {
  const bounds = node.inputs.map((name) => context.constant(name));
  const at = bounds.findIndex((bound) => bound !== undefined);
  if (node.inputs.length !== 2 || at < 0 || bounds.every((bound) => bound !== undefined))
    unsupported(node, 'is supported with one value and one constant only');
  const bound = floatConstant(context, node, at, 'bound');
  if (bound.data.length !== 1) unsupported(node, 'its bound is no scalar', { seen: `[${bound.shape.join(',')}]` });
  const value = openEnded(bound.data[0]!);
  const lower = node.opType === 'Max';
  const input = node.inputs[1 - at]!;
  if (lower) emitClamp(node, context, value, Number.POSITIVE_INFINITY, input);
  else emitClamp(node, context, Number.NEGATIVE_INFINITY, value, input);
}

function emitClamp(
  node: OnnxNode,
  context: ImportContext,
  min: number,
  max: number,
  input = node.inputs[0] ?? '',
): void {
  if (!(min <= max)) invalid(node, 'its bounds leave no value', { seen: `[${min}, ${max}]` });
  const open = min === Number.NEGATIVE_INFINITY && max === Number.POSITIVE_INFINITY;
  if (open) context.alias(node.outputs[0]!, context.value(node, input).name);
  else context.emit(node, 'clamp', [input], node.outputs, { clamp: { min, max } });
}

const unaryOps: Readonly<Record<string, string>> = {
  Sigmoid: 'sigmoid',
  Tanh: 'tanh',
  HardSwish: 'hard-swish',
  Mish: 'mish',
  Softplus: 'softplus',
  Erf: 'erf',
  Exp: 'exp',
  Sqrt: 'sqrt',
  Abs: 'abs',
  Neg: 'neg',
};

export function importUnary(node: OnnxNode, context: ImportContext): void {
  context.emit(node, unaryOps[node.opType]!, [node.inputs[0] ?? ''], node.outputs);
}

export function importGelu(node: OnnxNode, context: ImportContext): void {
  const form = node.attributes.string('approximate', 'none');
  if (form !== 'none') unsupported(node, 'the tanh form of Gelu', { seen: form, allowed: 'none' });
  context.emit(node, 'gelu', [node.inputs[0] ?? ''], node.outputs);
}

export function importLeakyRelu(node: OnnxNode, context: ImportContext): void {
  context.emit(node, 'leaky-relu', [node.inputs[0] ?? ''], node.outputs, {
    alpha: node.attributes.float('alpha', 0.01),
  });
}

export function importElu(node: OnnxNode, context: ImportContext): void {
  context.emit(node, 'elu', [node.inputs[0] ?? ''], node.outputs, { alpha: node.attributes.float('alpha', 1) });
}

export function importHardSigmoid(node: OnnxNode, context: ImportContext): void {
  const attributes = { alpha: node.attributes.float('alpha', 0.2), beta: node.attributes.float('beta', 0.5) };
  context.emit(node, 'hard-sigmoid', [node.inputs[0] ?? ''], node.outputs, attributes);
}

export function importPrelu(node: OnnxNode, context: ImportContext): void {
  const slope = floatConstantName(context, node, 1, 'slope');
  context.emit(node, 'prelu', [node.inputs[0] ?? '', slope], node.outputs);
}
