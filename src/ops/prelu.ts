/** x where it is not negative, slope * x elsewhere, one constant slope per channel (or one, or one per element), quantized to int8. */
import { effectiveScale } from '../arithmetic/effective-scale.ts';
import { bitsFromFloat, clampInteger, floatFromBits, roundHalfAway, roundHalfEven } from '../arithmetic/rounding.ts';
import { elementCount } from '../base/tensor.ts';
import type { Node } from '../graph/graph.ts';
import { constant, i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { inputShape } from './common/attributes.ts';
import { constantTail, runFloatElementwise } from './common/elementwise.ts';
import { elementwiseRule } from './common/rescale.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const preluKernel: KernelSpec = {
  name: 'prelu',
  opcode: 21,
  parameters: [
    i32('elements', 'Output elements.'),
    i32(
      'input2Elements',
      'Length of input 2; index modulo it (channels-last broadcast). Equal to `elements` without broadcast.',
    ),
    i32('inputZeroPoint', 'Zero point of the input.'),
    i32('slopeZeroPoint', 'Slope zero point.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('positiveMultiplier', 'Scale of values >= 0; float32: bit pattern of the scale of the input.'),
    i32('positiveShift', 'Positive shift.'),
    i32('negativeMultiplier', 'Scale of value * slope below 0; float32: bit pattern of the scale of the slopes.'),
    i32('negativeShift', 'Negative shift.'),
    i32('outputMultiplier', 'float32: bit pattern of the output scale; else 0.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
    constant('slope', 'int8 codes, index modulo their count.'),
  ],
};

export const op: OpDefinition = {
  name: 'prelu',
  kernel: preluKernel,
  scaleTie: 'free',
  inferShapes: (node, inputs, constants) => [inputShape(node, 0, inputs, constants)],
  runFloat: (node, inputs) => runFloatElementwise(node, inputs, (x, slope) => (x >= 0 ? x : slope * x)),
  macs: () => 0,
  lower,
  runInteger,
};

function lower(node: Node, context: LowerContext): void {
  const input = context.activation(node.inputs[0]);
  const output = context.activation(node.outputs[0]);
  const slopes = constantTail(node, context, node.inputs[1]);
  const slopeScale = slopeScaleOf(slopes, context.profile.weight.scale === 'power-of-two');
  const codes = Int8Array.from(slopes, (slope) => clampInteger(roundHalfAway(slope / slopeScale), -127, 127));
  const rule = elementwiseRule(context);
  const float = rule.id === 'float32';
  // Doubles in TFLite Micro, float32 in LiteRT, as for products.
  const product = context.profile.scaleProduct.mul;
  const positive = rule.encode(float ? input.scale : effectiveScale(product, input.scale, 1, output.scale));
  const negative = rule.encode(float ? slopeScale : effectiveScale(product, input.scale, slopeScale, output.scale));
  const target = context.tensor(node.outputs[0]);
  context.emit({
    kernel: 'prelu',
    name: node.name,
    rule: rule.id,
    inputs: [context.tensor(node.inputs[0]).index],
    output: target.index,
    parameters: {
      elements: elementCount(target.tensor.shape),
      input2Elements: codes.length,
      inputZeroPoint: input.zeroPoint,
      slopeZeroPoint: 0,
      outputZeroPoint: output.zeroPoint,
      positiveMultiplier: positive.multiplier,
      positiveShift: positive.shift,
      negativeMultiplier: negative.multiplier,
      negativeShift: negative.shift,
      outputMultiplier: float ? bitsFromFloat(output.scale) : 0,
      ...context.clampOf(node.outputs[0], undefined),
      slope: context.addConstant({ name: `${node.name}.slope`, packing: 'int8', data: codes }),
    },
    macs: 0,
  });
}

/** Largest magnitude on code 127, as a float32, or the power of two above it. */
function slopeScaleOf(slopes: readonly number[], powerOfTwo: boolean): number {
  const largest = slopes.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);
  if (largest === 0) return 1;
  return powerOfTwo ? 2 ** Math.ceil(Math.log2(largest / 127)) : Math.fround(largest / 127);
}

/** float32: y = f32(f32(sx * x) [* f32(ss * slope)] / sy), the QDQ group of ONNX Runtime; else one requantization per side. */
function runInteger(call: IntegerCall): void {
  const { elements, input2Elements, inputZeroPoint, slopeZeroPoint } = call.parameters;
  const slopes = call.constant('slope') as Int8Array;
  const side = sidesOf(call);
  const [input] = call.inputs;
  for (let index = 0; index < elements; index++) {
    call.output[index] = side(input[index] - inputZeroPoint, slopes[index % input2Elements] - slopeZeroPoint);
  }
}

function sidesOf(call: IntegerCall): (value: number, slope: number) => number {
  const { outputZeroPoint, clampMin, clampMax, outputMultiplier } = call.parameters;
  const { positiveMultiplier, positiveShift, negativeMultiplier, negativeShift } = call.parameters;
  if (call.rule.id !== 'float32') {
    const positive = { multiplier: positiveMultiplier, shift: positiveShift };
    const negative = { multiplier: negativeMultiplier, shift: negativeShift };
    return (value, slope) =>
      value >= 0
        ? call.rule.requantize(value, positive, outputZeroPoint, clampMin, clampMax)
        : call.rule.requantize(value * slope, negative, outputZeroPoint, clampMin, clampMax);
  }
  const scales = [positiveMultiplier, negativeMultiplier, outputMultiplier].map(floatFromBits);
  return (value, slope) => {
    const x = Math.fround(value * scales[0]);
    const y = value >= 0 ? x : Math.fround(x * Math.fround(slope * scales[1]));
    const units = clampInteger(Math.fround(y / scales[2]), clampMin - outputZeroPoint, clampMax - outputZeroPoint);
    return roundHalfEven(units) + outputZeroPoint;
  };
}
