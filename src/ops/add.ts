/**
 * Sum of two activations, or their difference with `subtract` (the op `sub`). Three integer forms: TFLite's common left shift, float32
 * (the QDQ group of ONNX Runtime), and PULP-NN's two multipliers with one shift; with power-of-two scales both share one exponent.
 */
import { clampInteger, floatFromBits, roundHalfEven } from '../arithmetic/rounding.ts';
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { inferBroadcastShape, runFloatElementwise } from './common/elementwise.ts';
import { lowerSum } from './common/sum.ts';
import type { IntegerCall, OpDefinition } from './op-definition.ts';

export const addKernel: KernelSpec = {
  name: 'add',
  opcode: 4,
  parameters: [
    i32('elements', 'Output elements.'),
    i32(
      'input2Elements',
      'Length of input 2; index modulo it (channels-last broadcast). Equal to `elements` without broadcast.',
    ),
    i32('subtract', '1: input 1 - input 2; 0: the sum.'),
    i32('leftShift', 'Rules double and single: bits both inputs are shifted left by before scaling.'),
    i32('input1ZeroPoint', 'Zero point of input 1.'),
    i32('input1Multiplier', 'Meaning by rule; float32: bit pattern of the scale of input 1.'),
    i32('input1Shift', 'Input 1 shift.'),
    i32('input2ZeroPoint', 'Zero point of input 2.'),
    i32('input2Multiplier', 'float32: bit pattern of the scale of input 2.'),
    i32('input2Shift', 'Input 2 shift.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('outputMultiplier', 'float32: bit pattern of the output scale.'),
    i32('outputShift', 'Output shift.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};

export const op: OpDefinition = {
  name: 'add',
  kernel: addKernel,
  scaleTie: (_, profile) => (profile.add === 'power-of-two' ? 'shared' : 'free'),
  inferShapes: inferBroadcastShape,
  runFloat: (node, inputs) => runFloatElementwise(node, inputs, (a, b) => a + b),
  macs: () => 0,
  lower: (node, context) => lowerSum(node, context, false),
  runInteger,
};

function runInteger(call: IntegerCall): void {
  const { elements, input2Elements } = call.parameters;
  const [input1, input2] = call.inputs;
  const sum = sumOf(call);
  for (let index = 0; index < elements; index++)
    call.output[index] = sum(input1[index], input2[index % input2Elements]);
}

function sumOf(call: IntegerCall): (a: number, b: number) => number {
  const { input1ZeroPoint: z1, input2ZeroPoint: z2, outputZeroPoint, clampMin, clampMax } = call.parameters;
  const sign = call.parameters.subtract === 1 ? -1 : 1;
  const { input1Multiplier, input1Shift, input2Multiplier, input2Shift, outputMultiplier, outputShift, leftShift } =
    call.parameters;
  const { rule } = call;
  const output = { multiplier: outputMultiplier, shift: outputShift };
  switch (rule.id) {
    case 'float32': {
      const scales = [input1Multiplier, input2Multiplier, outputMultiplier].map(floatFromBits);
      return (a, b) => {
        const sum = Math.fround(Math.fround((a - z1) * scales[0]) + sign * Math.fround((b - z2) * scales[1]));
        const value = clampInteger(
          Math.fround(sum / scales[2]),
          clampMin - outputZeroPoint,
          clampMax - outputZeroPoint,
        );
        return roundHalfEven(value) + outputZeroPoint;
      };
    }
    case 'multiply-shift-floor':
      return (a, b) => {
        const sum = (a - z1) * input1Multiplier + sign * (b - z2) * input2Multiplier;
        return clampInteger(Math.floor(sum / 2 ** -outputShift) + outputZeroPoint, clampMin, clampMax);
      };
    case 'shift-half-up':
    case 'shift-half-even':
      return (a, b) => rule.requantize(a - z1 + sign * (b - z2), output, outputZeroPoint, clampMin, clampMax);
    default: {
      const scaled = (value: number, multiplier: number, shift: number): number =>
        rule.requantize(value << leftShift, { multiplier, shift }, 0, -2147483648, 2147483647);
      return (a, b) => {
        const sum =
          scaled(a - z1, input1Multiplier, input1Shift) + sign * scaled(b - z2, input2Multiplier, input2Shift);
        return rule.requantize(sum | 0, output, outputZeroPoint, clampMin, clampMax);
      };
    }
  }
}
