/**
 * The same values on another scale. Under the `onnxruntime` profile it is the DequantizeLinear / QuantizeLinear pair, as a table; elsewhere
 * the profile's rule on (code - zeroPoint).
 */
import { effectiveScale } from '../arithmetic/effective-scale.ts';
import { getRule } from '../arithmetic/registry.ts';
import type { Node } from '../graph/graph.ts';
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { clampOf, inputShape } from './common/attributes.ts';
import { clampReal, mapFloat, numbersOf } from './common/float-data.ts';
import { emitTable, floatCode } from './common/unary.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const requantizeKernel: KernelSpec = {
  name: 'requantize',
  opcode: 15,
  parameters: [
    i32('elements', 'Output elements.'),
    i32('inputZeroPoint', 'Zero point of the input.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('multiplier', 'Meaning by rule.'),
    i32('shift', 'Positive is left.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};

export const op: OpDefinition = {
  name: 'requantize',
  kernel: requantizeKernel,
  scaleTie: 'free',
  inferShapes: (node, inputs, constants) => [inputShape(node, 0, inputs, constants)],
  runFloat: (node, inputs) => {
    const input = numbersOf(inputs[0]);
    return [mapFloat(inputs[0]!.shape, (index) => input[index], clampOf(node))];
  },
  macs: () => 0,
  lower: lowerRequantize,
  runInteger,
};

/** Also the lowering of the `clamp` op. */
export function lowerRequantize(node: Node, context: LowerContext): void {
  const input = context.activation(node.inputs[0]);
  const output = context.activation(node.outputs[0]);
  const clamp = clampOf(node);
  const bounds = context.clampOf(node.outputs[0], clamp);
  if (context.profile.requantize === 'float32') {
    emitTable(
      node,
      context,
      floatCode(context.profile, input, output, (value) => clampReal(value, clamp)),
      bounds,
    );
    return;
  }
  emitRequantize(node, context, context.tensor(node.inputs[0]).index, input, output, bounds);
}

/** Emits the kernel from any tensor to the node's output. */
export function emitRequantize(
  node: Node,
  context: LowerContext,
  inputIndex: number,
  input: { readonly scale: number; readonly zeroPoint: number },
  output: { readonly scale: number; readonly zeroPoint: number },
  bounds: { readonly clampMin: number; readonly clampMax: number },
): void {
  const rule = elementwiseRule(context);
  const target = context.tensor(node.outputs[0]);
  context.emit({
    kernel: 'requantize',
    name: node.name,
    rule: rule.id,
    inputs: [inputIndex],
    output: target.index,
    parameters: {
      elements: target.tensor.shape.reduce((product, size) => product * size, 1),
      inputZeroPoint: input.zeroPoint,
      outputZeroPoint: output.zeroPoint,
      ...rule.encode(effectiveScale(context.profile.scaleProduct.requantize, input.scale, 1, output.scale)),
      ...bounds,
    },
    macs: 0,
  });
}

/** The rule of ops without a long accumulator: the runtimes of 16-bit activations use the 32-bit double rounding for them. */
export function elementwiseRule(context: LowerContext) {
  return context.rule.id === 'reduced-16' ? getRule('double') : context.rule;
}

function runInteger(call: IntegerCall): void {
  const { elements, inputZeroPoint, outputZeroPoint, multiplier, shift, clampMin, clampMax } = call.parameters;
  const [input] = call.inputs;
  for (let index = 0; index < elements; index++) {
    const value = input[index] - inputZeroPoint;
    call.output[index] = call.rule.requantize(value, { multiplier, shift }, outputZeroPoint, clampMin, clampMax);
  }
}
