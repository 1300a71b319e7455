/** Lowering of add and sub: the scales of the three tensors become the words of the `add` kernel, per form of the profile. */

import { splitExponent } from '../../arithmetic/quantize-multiplier.ts';
import { bitsFromFloat, roundHalfAway } from '../../arithmetic/rounding.ts';
import type { RequantizeRule } from '../../arithmetic/rule.ts';
import type { Node } from '../../graph/graph.ts';
import type { LowerContext } from '../op-definition.ts';
import { clampOf, profileLacks, unsupported } from './attributes.ts';
import { constantOperand, emitChannelAffine } from './channel-affine.ts';
import { operandsOf } from './elementwise.ts';
import { elementwiseRule } from './rescale.ts';

/** Scales of input 1, input 2 and output; float32 values. */
type Scales = readonly [number, number, number];

interface SumWords {
  readonly leftShift: number;
  readonly input1Multiplier: number;
  readonly input1Shift: number;
  readonly input2Multiplier: number;
  readonly input2Shift: number;
  readonly outputMultiplier: number;
  readonly outputShift: number;
}

export function lowerSum(node: Node, context: LowerContext, subtract: boolean): void {
  const constant = constantOperand(node, context);
  if (constant !== undefined) {
    const { input, values, left } = constant;
    const factors = values.map(() => (subtract && left ? -1 : 1));
    const offsets = subtract && !left ? values.map((value) => -value) : values;
    emitChannelAffine(node, context, { input, factors, offsets });
    return;
  }
  const { first, second, elements, input2Elements, swapped } = operandsOf(node, context);
  if (subtract && swapped) {
    throw unsupported(node, {
      message: 'a difference whose left side is broadcast is not supported',
      next: 'Negate the right side and add.',
    });
  }
  if (subtract && context.profile.add === 'multiply-shift') {
    throw profileLacks(node, context.profile, 'has no subtraction', 'Negate the right side and add.');
  }
  const [input1, input2] = [context.activation(first), context.activation(second)];
  const output = context.activation(node.outputs[0]);
  const rule = elementwiseRule(context);
  const leftShift = input1.bits > 8 ? 15 : 20;
  context.emit({
    kernel: 'add',
    name: node.name,
    rule: rule.id,
    inputs: [context.tensor(first).index, context.tensor(second).index],
    output: context.tensor(node.outputs[0]).index,
    parameters: {
      elements,
      input2Elements,
      subtract: subtract ? 1 : 0,
      ...sumWords(node, context, rule, [input1.scale, input2.scale, output.scale], leftShift, subtract),
      input1ZeroPoint: input1.zeroPoint,
      input2ZeroPoint: input2.zeroPoint,
      outputZeroPoint: output.zeroPoint,
      ...context.clampOf(node.outputs[0], clampOf(node)),
    },
    macs: 0,
  });
}

function sumWords(
  node: Node,
  context: LowerContext,
  rule: RequantizeRule,
  scales: Scales,
  leftShift: number,
  subtract: boolean,
): SumWords {
  switch (context.profile.add) {
    case 'left-shift':
      return leftShiftWords(rule, scales, leftShift, subtract && context.profile.scaleProduct.sub === 'f32');
    case 'float':
      return floatWords(scales);
    case 'multiply-shift':
      return multiplyShiftWords(scales);
    case 'power-of-two': {
      if (scales[0] !== scales[1]) {
        throw profileLacks(node, context.profile, 'adds only equal exponents', 'Give both inputs one scale.');
      }
      const { multiplier, shift } = rule.encode(scales[0] / scales[2]);
      const inputs = { input1Multiplier: 1, input1Shift: 0, input2Multiplier: 1, input2Shift: 0 };
      return { leftShift: 0, ...inputs, outputMultiplier: multiplier, outputShift: shift };
    }
  }
}

/** TFLite add_common: both inputs relative to twice the larger scale. `single` computes the ratios in float32, as TFLM's sub does. */
function leftShiftWords(rule: RequantizeRule, [s1, s2, so]: Scales, leftShift: number, single: boolean): SumWords {
  const cast = single ? Math.fround : (value: number) => value;
  const twice = 2 * Math.max(s1, s2);
  const one = rule.encode(cast(s1 / twice));
  const two = rule.encode(cast(s2 / twice));
  const out = rule.encode(cast(twice / cast(2 ** leftShift * so)));
  return {
    leftShift,
    input1Multiplier: one.multiplier,
    input1Shift: one.shift,
    input2Multiplier: two.multiplier,
    input2Shift: two.shift,
    outputMultiplier: out.multiplier,
    outputShift: out.shift,
  };
}

function floatWords([s1, s2, so]: Scales): SumWords {
  return {
    leftShift: 0,
    input1Multiplier: bitsFromFloat(s1),
    input1Shift: 0,
    input2Multiplier: bitsFromFloat(s2),
    input2Shift: 0,
    outputMultiplier: bitsFromFloat(so),
    outputShift: 0,
  };
}

/** (a * m1 + b * m2) >> n with the larger multiplier in [2^14, 2^15]. */
function multiplyShiftWords([s1, s2, so]: Scales): SumWords {
  const { exponent } = splitExponent(Math.max(s1, s2) / so);
  const right = Math.max(15 - exponent, 0);
  return {
    leftShift: 0,
    input1Multiplier: roundHalfAway((s1 / so) * 2 ** right),
    input1Shift: 0,
    input2Multiplier: roundHalfAway((s2 / so) * 2 ** right),
    input2Shift: 0,
    outputMultiplier: 1,
    outputShift: right === 0 ? 0 : -right,
  };
}
