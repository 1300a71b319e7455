/**
 * What ops with weights share when lowered: packed codes, the integer bias, and the effective scale of each output channel in the
 * profile's order of operations.
 */
import { effectiveScale } from '../../arithmetic/effective-scale.ts';
import type { ScaleProduct } from '../../arithmetic/profile.ts';
import { roundHalfAway } from '../../arithmetic/rounding.ts';
import type { EncodedScale } from '../../arithmetic/rule.ts';
import { BitwrightError } from '../../base/errors.ts';
import type { Node } from '../../graph/graph.ts';
import type { ProgramConstant, ProgramTensor } from '../../graph/integer-program.ts';
import type { AccumulatorBound, IntegerCall, LowerContext } from '../op-definition.ts';
import { clampOf, hasInput } from './attributes.ts';
import { numbersOf } from './float-data.ts';

/** How codes of this many bits are stored: 3-bit codes travel as 4. */
export function weightStorage(bits: number): { packing: 'int2' | 'int4' | 'int8'; weightBits: number } {
  if (bits > 4) return { packing: 'int8', weightBits: 8 };
  return bits > 2 ? { packing: 'int4', weightBits: 4 } : { packing: 'int2', weightBits: 2 };
}

/** The parameters after the geometry that conv, depthwise-conv, conv-transpose and fully-connected have in common. */
export function lowerWeighted(
  node: Node,
  context: LowerContext,
  product: ScaleProduct,
  channels: number,
  arrange: (codes: Int8Array) => Int8Array,
): Record<string, number> {
  const weights = context.weights(node);
  const input = context.activation(node.inputs[0]);
  const output = context.activation(node.outputs[0]);
  const { packing, weightBits } = weightStorage(weights.bits);
  const scales = [...weights.scales];
  const scaleOf = (channel: number): number => scales[scales.length > 1 ? channel : 0];
  const encoded = scales.map((scale) => context.rule.encode(effectiveScale(product, input.scale, scale, output.scale)));
  const real = weights.bias ?? (hasInput(node, 2) ? numbersOf(context.constant(node.inputs[2])) : undefined);
  const bias = real === undefined ? undefined : biasConstant(node, input, Array.from(real).slice(0, channels), scaleOf);
  return {
    weightBits,
    inputZeroPoint: input.zeroPoint,
    outputZeroPoint: output.zeroPoint,
    ...context.clampOf(node.outputs[0], clampOf(node)),
    channelStep: scales.length > 1 ? 1 : 0,
    weights: context.addConstant({ name: `${node.name}.weights`, packing, data: arrange(weights.codes) }),
    bias: bias === undefined ? -1 : context.addConstant(bias),
    ...scaleConstants(node, context, encoded),
  };
}

/** Registers multiplier and shift words, one pair per channel or one for all. */
export function scaleConstants(node: Node, context: LowerContext, encoded: readonly EncodedScale[]) {
  const words = (part: 'multiplier' | 'shift'): number =>
    context.addConstant({
      name: `${node.name}.${part}`,
      packing: 'int32',
      data: Int32Array.from(encoded, (entry) => entry[part]),
    });
  return { multiplier: words('multiplier'), shift: words('shift') };
}

/**
 * round(bias / (input scale * weight scale)), ties away from zero: int32, or int64 beside 16-bit activations. Throws
 * ACCUMULATOR_OVERFLOW naming the channel that does not fit.
 */
export function biasConstant(
  node: Node,
  input: { readonly scale: number; readonly bits: number },
  real: readonly number[],
  weightScaleOf: (channel: number) => number,
): ProgramConstant {
  const name = `${node.name}.bias`;
  const codes = real.map((value, channel) => roundHalfAway(value / (input.scale * weightScaleOf(channel))) + 0);
  const limit = input.bits > 8 ? 2 ** 46 : 2 ** 31;
  const broken = codes.findIndex((code) => !(code >= -limit && code < limit));
  if (broken >= 0) {
    throw new BitwrightError('ACCUMULATOR_OVERFLOW', {
      message: `the bias of output channel ${broken} does not fit`,
      where: `node ${node.name} (${node.op})`,
      seen: codes[broken],
      allowed: `${Math.log2(limit) + 1} bits`,
      next: 'The scale of the input or of the weights of this node is too small for its bias.',
    });
  }
  return input.bits > 8
    ? { name, packing: 'int64', data: BigInt64Array.from(codes, BigInt) }
    : { name, packing: 'int32', data: Int32Array.from(codes) };
}

/** A closure that turns the accumulator of an output channel into its code, by the call's rule. */
export function channelRequantizer(call: IntegerCall): (accumulator: number, channel: number) => number {
  const { outputZeroPoint, clampMin, clampMax, channelStep } = call.parameters;
  const multiplier = call.constant('multiplier') as Int32Array;
  const shift = call.constant('shift') as Int32Array;
  const bias = call.constant('bias');
  const wide = call.rule.id === 'reduced-16';
  const encoded = Array.from(multiplier, (word, index) => ({ multiplier: word, shift: shift[index] }));
  return (accumulator, channel) => {
    const sum = accumulator + (bias === undefined ? 0 : Number(bias[channel]));
    const scale = encoded[channelStep === 0 ? 0 : channel];
    return call.rule.requantize(wide ? sum : sum | 0, scale, outputZeroPoint, clampMin, clampMax);
  };
}

/** The widest reach of any channel's accumulator, every partial sum included. `channelOf` maps a weight's index to its output channel. */
export function weightedBound(
  call: Omit<IntegerCall, 'inputs' | 'output'>,
  input: ProgramTensor,
  channels: number,
  channelOf: (index: number) => number,
): AccumulatorBound {
  const weights = call.constant('weights') as Int8Array;
  const bias = call.constant('bias');
  const low = input.qMin - input.zeroPoint;
  const high = input.qMax - input.zeroPoint;
  const zeroPoint = call.parameters.weightZeroPoint ?? 0;
  const minimum = new Float64Array(channels);
  const maximum = new Float64Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const start = bias === undefined ? 0 : Number(bias[channel]);
    minimum[channel] = Math.min(start, 0);
    maximum[channel] = Math.max(start, 0);
  }
  for (let index = 0; index < weights.length; index++) {
    const weight = weights[index] - zeroPoint;
    const channel = channelOf(index);
    minimum[channel] += Math.min(weight * low, weight * high, 0);
    maximum[channel] += Math.max(weight * low, weight * high, 0);
  }
  const reach = Array.from(minimum, (value, channel) => Math.max(-value, maximum[channel]));
  const channel = reach.indexOf(reach.reduce((most, value) => Math.max(most, value), 0));
  return { minimum: minimum[channel], maximum: maximum[channel], channel };
}
