/**
 * The same values on another scale: the profile's rule on (code - zeroPoint), or the DequantizeLinear / QuantizeLinear pair as a table
 * under the `onnxruntime` profile.
 */
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { clampOf, inputShape } from './common/attributes.ts';
import { mapFloat, numbersOf } from './common/float-data.ts';
import { emitRescale } from './common/rescale.ts';
import type { IntegerCall, OpDefinition } from './op-definition.ts';

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
  lower: (node, context) =>
    emitRescale(node, context, context.tensor(node.inputs[0]), context.tensor(node.outputs[0]), clampOf(node)),
  runInteger,
};

function runInteger(call: IntegerCall): void {
  const { elements, inputZeroPoint, outputZeroPoint, multiplier, shift, clampMin, clampMax } = call.parameters;
  const [input] = call.inputs;
  for (let index = 0; index < elements; index++) {
    const value = input[index] - inputZeroPoint;
    call.output[index] = call.rule.requantize(value, { multiplier, shift }, outputZeroPoint, clampMin, clampMax);
  }
}
