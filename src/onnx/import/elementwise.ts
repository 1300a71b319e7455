/** ONNX Add, Sub, Mul, Div, Sum and squaring by Pow. Division is by a constant only and becomes a multiplication by its reciprocal. */
import { floatConstant, floatConstantName, type ImportContext } from './import-context.ts';
import { type OnnxNode, unsupported } from './onnx-node.ts';

function binary(op: 'add' | 'sub' | 'mul') {
  return (node: OnnxNode, context: ImportContext): void => {
    const operands = [0, 1].map((index) => {
      const name = node.inputs[index] ?? '';
      return context.constant(name) === undefined ? name : floatConstantName(context, node, index, 'operand');
    });
    context.emit(node, op, operands, node.outputs, { clamp: null });
  };
}

export const importAdd = binary('add');
export const importSub = binary('sub');
export const importMul = binary('mul');

export function importDiv(node: OnnxNode, context: ImportContext): void {
  const divisor = floatConstant(context, node, 1, 'divisor');
  if (divisor.data.some((value) => value === 0)) unsupported(node, 'divides by zero');
  const reciprocal = context.derive(node.inputs[1]!, 'reciprocal', () => ({
    ...divisor,
    data: divisor.data.map((value) => 1 / value),
  }));
  context.emit(node, 'mul', [node.inputs[0]!, reciprocal], node.outputs, { clamp: null });
}

export function importPow(node: OnnxNode, context: ImportContext): void {
  const exponent = floatConstant(context, node, 1, 'exponent');
  if (exponent.data.length !== 1 || exponent.data[0] !== 2)
    unsupported(node, 'raises to a power other than 2', { seen: exponent.data[0] ?? 'none' });
  context.emit(node, 'mul', [node.inputs[0]!, node.inputs[0]!], node.outputs, { clamp: null });
}

/** Sum of many: a chain of additions in the order of the inputs. */
export function importSum(node: OnnxNode, context: ImportContext): void {
  if (node.inputs.length === 1) {
    context.alias(node.outputs[0]!, node.inputs[0]!);
    return;
  }
  let sum = node.inputs[0] ?? '';
  node.inputs.slice(1).forEach((input, index) => {
    const last = index === node.inputs.length - 2;
    const output = last ? node.outputs[0]! : `${node.outputs[0]}/sum${index}`;
    context.emit(node, 'add', [sum, input], [output], { clamp: null }, last ? undefined : `sum${index}`);
    sum = output;
  });
}
