/** Product of two activations: one requantization of the integer product, or float32 in the order of ONNX Runtime's QDQ group. */
import { effectiveScale } from '../arithmetic/effective-scale.ts';
import { bitsFromFloat, clampInteger, floatFromBits, roundHalfEven } from '../arithmetic/rounding.ts';
import type { Node } from '../graph/graph.ts';
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { clampOf, profileLacks } from './common/attributes.ts';
import { constantOperand, emitChannelAffine } from './common/channel-affine.ts';
import { inferBroadcastShape, operandsOf, runFloatElementwise } from './common/elementwise.ts';
import { elementwiseRule } from './common/rescale.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const mulKernel: KernelSpec = {
  name: 'mul',
  opcode: 5,
  parameters: [
    i32('elements', 'Output elements.'),
    i32(
      'input2Elements',
      'Length of input 2; index modulo it (channels-last broadcast). Equal to `elements` without broadcast.',
    ),
    i32('input1ZeroPoint', 'Zero point of input 1.'),
    i32('input2ZeroPoint', 'Zero point of input 2.'),
    i32('input1Multiplier', 'float32: bit pattern of the scale of input 1; else unused, 0.'),
    i32('input2Multiplier', 'float32: bit pattern of the scale of input 2; else unused, 0.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('outputMultiplier', 'float32: bit pattern of the output scale.'),
    i32('outputShift', 'Output shift.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};

export const op: OpDefinition = {
  name: 'mul',
  kernel: mulKernel,
  scaleTie: 'free',
  inferShapes: inferBroadcastShape,
  runFloat: (node, inputs) => runFloatElementwise(node, inputs, (a, b) => a * b),
  macs: () => 0,
  lower,
  runInteger,
};

function lower(node: Node, context: LowerContext): void {
  const constant = constantOperand(node, context);
  if (constant !== undefined) {
    const { input, values } = constant;
    emitChannelAffine(node, context, { input, factors: values, offsets: values.map(() => 0) });
    return;
  }
  const { mul, scaleProduct } = context.profile;
  if (mul === 'unsupported') {
    throw profileLacks(node, context.profile, 'has no product of two activations', 'Choose another target.');
  }
  const { first, second, elements, input2Elements } = operandsOf(node, context);
  const [input1, input2] = [context.activation(first), context.activation(second)];
  const output = context.activation(node.outputs[0]);
  const rule = elementwiseRule(context);
  const encoded =
    mul === 'float'
      ? { multiplier: bitsFromFloat(output.scale), shift: 0 }
      : rule.encode(effectiveScale(scaleProduct.mul, input1.scale, input2.scale, output.scale));
  context.emit({
    kernel: 'mul',
    name: node.name,
    rule: rule.id,
    inputs: [context.tensor(first).index, context.tensor(second).index],
    output: context.tensor(node.outputs[0]).index,
    parameters: {
      elements,
      input2Elements,
      input1ZeroPoint: input1.zeroPoint,
      input2ZeroPoint: input2.zeroPoint,
      input1Multiplier: mul === 'float' ? bitsFromFloat(input1.scale) : 0,
      input2Multiplier: mul === 'float' ? bitsFromFloat(input2.scale) : 0,
      outputZeroPoint: output.zeroPoint,
      outputMultiplier: encoded.multiplier,
      outputShift: encoded.shift,
      ...context.clampOf(node.outputs[0], clampOf(node)),
    },
    macs: 0,
  });
}

function runInteger(call: IntegerCall): void {
  const { elements, input2Elements } = call.parameters;
  const [input1, input2] = call.inputs;
  const product = productOf(call);
  for (let index = 0; index < elements; index++) {
    call.output[index] = product(input1[index], input2[index % input2Elements]);
  }
}

function productOf(call: IntegerCall): (a: number, b: number) => number {
  const { input1ZeroPoint: z1, input2ZeroPoint: z2, outputZeroPoint, clampMin, clampMax } = call.parameters;
  const { input1Multiplier, input2Multiplier, outputMultiplier, outputShift } = call.parameters;
  if (call.rule.id !== 'float32') {
    const output = { multiplier: outputMultiplier, shift: outputShift };
    return (a, b) => call.rule.requantize((a - z1) * (b - z2), output, outputZeroPoint, clampMin, clampMax);
  }
  const scales = [input1Multiplier, input2Multiplier, outputMultiplier].map(floatFromBits);
  return (a, b) => {
    const product = Math.fround(Math.fround((a - z1) * scales[0]) * Math.fround((b - z2) * scales[1]));
    const value = clampInteger(
      Math.fround(product / scales[2]),
      clampMin - outputZeroPoint,
      clampMax - outputZeroPoint,
    );
    return roundHalfEven(value) + outputZeroPoint;
  };
}
