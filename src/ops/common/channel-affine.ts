/**
 * factor * x + offset with constants that repeat over the elements: what adding or multiplying by a constant, and an unfolded batch
 * normalisation, become. It is a depthwise convolution of kernel 1, which every runtime has and rounds once.
 */
import { effectiveScale } from '../../arithmetic/effective-scale.ts';
import { roundHalfAway } from '../../arithmetic/rounding.ts';
import { elementCount } from '../../base/tensor.ts';
import type { Node } from '../../graph/graph.ts';
import type { LowerContext } from '../op-definition.ts';
import { clampOf, graphShape, unsupported } from './attributes.ts';
import { constantTail } from './elementwise.ts';
import { biasConstant, scaleConstants } from './weighted.ts';

export interface Affine {
  /** Value name; it must have every element of the node's output. */
  readonly input: string;
  /** Equal lengths: one entry per repeating element, in program order. */
  readonly factors: readonly number[];
  readonly offsets: readonly number[];
}

/** The affine form of a node with one constant operand, undefined where both are activations. */
export function constantOperand(
  node: Node,
  context: LowerContext,
): { input: string; values: number[]; left: boolean } | undefined {
  const at = node.inputs.findIndex((name) => context.graph.constants.has(name));
  if (at < 0) return undefined;
  return { input: node.inputs[1 - at], values: constantTail(node, context, node.inputs[at]), left: at === 0 };
}

export function emitChannelAffine(node: Node, context: LowerContext, { input, factors, offsets }: Affine): void {
  const elements = elementCount(graphShape(context.graph, node.outputs[0]));
  if (elementCount(graphShape(context.graph, input)) !== elements) {
    throw unsupported(node, { message: 'a constant larger than the value it meets is not supported' });
  }
  const source = context.activation(input);
  const output = context.activation(node.outputs[0]);
  const channels = factors.length;
  const scales = weightScales(factors, context);
  const scaleOf = (channel: number): number => scales[scales.length > 1 ? channel : 0];
  const codes = Int8Array.from(factors, (factor, channel) => roundHalfAway(factor / scaleOf(channel)));
  const product = context.profile.scaleProduct.conv;
  const encoded = scales.map((scale) =>
    context.rule.encode(effectiveScale(product, source.scale, scale, output.scale)),
  );
  const withOffset = offsets.some((offset) => offset !== 0);
  const positions = elements / channels;
  context.emit({
    kernel: 'depthwise-conv',
    name: node.name,
    rule: context.rule.id,
    inputs: [context.tensor(input).index],
    output: context.tensor(node.outputs[0]).index,
    parameters: {
      ...unitWindow(positions),
      inputChannels: channels,
      outputChannels: channels,
      channelMultiplier: 1,
      weightBits: 8,
      inputZeroPoint: source.zeroPoint,
      outputZeroPoint: output.zeroPoint,
      ...context.clampOf(node.outputs[0], clampOf(node)),
      channelStep: scales.length > 1 ? 1 : 0,
      weights: context.addConstant({ name: `${node.name}.weights`, packing: 'int8', data: codes }),
      bias: withOffset ? context.addConstant(biasConstant(node, source, offsets, scaleOf)) : -1,
      ...scaleConstants(node, context, encoded),
    },
    macs: elements,
  });
}

/** One float32 scale per channel that puts its factor on code +-127, or one for all; powers of two where the profile has only those. */
function weightScales(factors: readonly number[], context: LowerContext): number[] {
  const { perChannel, scale } = context.profile.weight;
  const same = factors.every((factor) => factor === factors[0]);
  const groups = perChannel && !same ? factors.map((factor) => [factor]) : [factors];
  return groups.map((group) => {
    const largest = group.reduce((most, factor) => Math.max(most, Math.abs(factor)), 0);
    if (largest === 0) return 1;
    return scale === 'power-of-two' ? 2 ** Math.ceil(Math.log2(largest / 127)) : Math.fround(largest / 127);
  });
}

/** Sizes of one axis of positions; kernels take at most 65535 of them in a row. */
function unitWindow(positions: number) {
  let width = Math.min(positions, 65535);
  while (positions % width !== 0) width--;
  const height = positions / width;
  return {
    inputHeight: height,
    inputWidth: width,
    outputHeight: height,
    outputWidth: width,
    kernelHeight: 1,
    kernelWidth: 1,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: 0,
    padLeft: 0,
  };
}
