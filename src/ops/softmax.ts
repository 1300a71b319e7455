/** Softmax along one axis: TFLite's fixed-point form (Q5.26 differences, Q0.31 exponentials). Its output scale is 1/256, zero point the lowest code. */
import { expOnNegative, oneOverOnePlus } from '../arithmetic/fixed-point.ts';
import { quantizeMultiplier } from '../arithmetic/quantize-multiplier.ts';
import {
  clampInteger,
  multiplyDoubleRounding,
  roundingDivideByPowerOfTwo,
  saturatingRoundingDoublingHighMul,
} from '../arithmetic/rounding.ts';
import { elementCount, type FloatTensor, type Tensor } from '../base/tensor.ts';
import type { Node } from '../graph/graph.ts';
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { axisOf, graphShape, inputShape, profileLacks, unsupported } from './common/attributes.ts';
import { numbersOf } from './common/float-data.ts';
import { isInnermost } from './common/layout.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const softmaxKernel: KernelSpec = {
  name: 'softmax',
  opcode: 9,
  parameters: [
    i32('rows', 'Rows, each on its own.'),
    i32('depth', 'Elements of a row.'),
    i32('inputMultiplier', 'Q0.31 multiplier of the input difference.'),
    i32('inputLeftShift', 'Input left shift.'),
    i32('diffMin', 'Differences below it contribute nothing; negative.'),
  ],
};

export const op: OpDefinition = {
  name: 'softmax',
  kernel: softmaxKernel,
  scaleTie: { scale: 1 / 256, zeroPointFromLowest: 0 },
  inferShapes: (node, inputs, constants) => {
    const shape = inputShape(node, 0, inputs, constants);
    axisOf(node, shape.length);
    return [shape];
  },
  runFloat,
  macs: () => 0,
  lower,
  runInteger,
};

function runFloat(node: Node, inputs: readonly (Tensor | undefined)[]): FloatTensor[] {
  const input = numbersOf(inputs[0]);
  const shape = inputs[0]!.shape;
  const axis = axisOf(node, shape.length);
  const depth = shape[axis];
  const step = elementCount(shape.slice(axis + 1));
  const data = new Float32Array(input.length);
  for (let row = 0; row < input.length / depth; row++) {
    const first = Math.floor(row / step) * step * depth + (row % step);
    const values = Array.from({ length: depth }, (_, index) => input[first + index * step]);
    const largest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    const powers = values.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((total, power) => total + power, 0);
    powers.forEach((power, index) => {
      data[first + index * step] = power / sum;
    });
  }
  return [{ dtype: 'float32', shape, data }];
}

function lower(node: Node, context: LowerContext): void {
  if (context.profile.softmax !== 'fixed-point') {
    throw profileLacks(
      node,
      context.profile,
      'has no integer softmax',
      'End the graph at the logits, or choose a target with one.',
    );
  }
  const shape = graphShape(context.graph, node.inputs[0]);
  const axis = axisOf(node, shape.length);
  if (!isInnermost(shape, axis)) {
    throw unsupported(node, {
      message: 'softmax runs along the channels, or the last axis of a flat value',
      seen: `axis ${axis} of [${shape.join(',')}]`,
    });
  }
  const input = context.tensor(node.inputs[0]);
  const output = context.tensor(node.outputs[0]);
  if (input.tensor.dtype !== 'int8' || output.tensor.dtype !== 'int8') {
    throw profileLacks(node, context.profile, 'has softmax only for 8-bit values', 'Use 8-bit activations here.');
  }
  context.emit({
    kernel: 'softmax',
    name: node.name,
    rule: context.rule.id,
    inputs: [input.index],
    output: output.index,
    parameters: {
      rows: elementCount(shape) / shape[axis],
      depth: shape[axis],
      ...softmaxScale(context.activation(node.inputs[0]).scale),
    },
    macs: 0,
  });
}

/** TFLite PreprocessSoftmaxScaling with beta 1, and the radius of differences that count. */
export function softmaxScale(inputScale: number): { inputMultiplier: number; inputLeftShift: number; diffMin: number } {
  const { multiplier, shift } = quantizeMultiplier(Math.min(inputScale * 2 ** 26, 2147483647));
  return {
    inputMultiplier: multiplier,
    inputLeftShift: shift,
    diffMin: -Math.floor((31 * 2 ** 26) / 2 ** shift),
  };
}

function runInteger(call: IntegerCall): void {
  const { rows, depth, inputMultiplier, inputLeftShift, diffMin } = call.parameters;
  const [input] = call.inputs;
  for (let row = 0; row < rows; row++) {
    const codes = Array.from({ length: depth }, (_, index) => input[row * depth + index]);
    const largest = codes.reduce((most, code) => Math.max(most, code), -128);
    // Q0.31 per element, null below the radius.
    const powers = codes.map((code) => {
      const difference = code - largest;
      if (difference < diffMin) return null;
      return expOnNegative(multiplyDoubleRounding(difference, inputMultiplier, inputLeftShift), 5);
    });
    // Q12.19
    const sum = powers.reduce<number>(
      (total, power) => (power === null ? total : total + roundingDivideByPowerOfTwo(power, 12)),
      0,
    );
    const headroom = Math.clz32(sum);
    const reciprocal = oneOverOnePlus((sum * 2 ** headroom - 2147483648) | 0);
    const bits = 12 - headroom + 31 - 8;
    powers.forEach((power, index) => {
      const share =
        power === null ? 0 : roundingDivideByPowerOfTwo(saturatingRoundingDoublingHighMul(reciprocal, power), bits);
      call.output[row * depth + index] = clampInteger(share - 128, -128, 127);
    });
  }
}
