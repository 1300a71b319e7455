/**
 * Convolution in a training graph: forward, and the gradients of input, weight and bias. The forms are those that measured fastest
 * in onnxruntime's CPU provider with weights that are run-time inputs (docs/finetuning.md has the numbers).
 */
import { elementCount } from '../base/tensor.ts';
import type { Node } from '../graph/graph.ts';
import { fromSpatial, reshape, spatialShape, toSpatial } from './emit-shapes.ts';
import type { GradientContext } from './gradient-rule.ts';
import type { NodeEmitter } from './node-emitter.ts';

type Shape4 = readonly [number, number, number, number];

export interface ConvolutionGeometry {
  readonly input: Shape4;
  readonly output: Shape4;
  /** [outputs, inputs / groups, height, width]. */
  readonly weight: Shape4;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Top, left, bottom, right. */
  readonly pads: readonly number[];
  readonly groups: number;
}

export function convolutionGeometry(node: Node, groups: number, context: GradientContext): ConvolutionGeometry {
  return {
    input: spatialShape(context.inputShape(node, 0)),
    output: spatialShape(context.outputShape(node)),
    weight: context.inputShape(node, 1) as Shape4,
    strides: node.attributes.strides as readonly number[],
    dilations: node.attributes.dilations as readonly number[],
    pads: node.attributes.pads as readonly number[],
    groups,
  };
}

export function convolutionForward(node: Node, groups: number, context: GradientContext): string[] {
  const { builder } = context;
  const { strides, dilations, pads } = convolutionGeometry(node, groups, context);
  const x = toSpatial(builder, context.input(node, 0), context.inputShape(node, 0));
  const inputs = [x, context.input(node, 1), ...(context.hasInput(node, 2) ? [context.input(node, 2)] : [])];
  const y = builder.node('Conv', inputs, { strides, dilations, pads, group: groups });
  return [fromSpatial(builder, y, context.outputShape(node))];
}

export function convolutionBackward(
  node: Node,
  gradient: string,
  groups: number,
  context: GradientContext,
): (string | undefined)[] {
  const { builder } = context;
  const geometry = convolutionGeometry(node, groups, context);
  const dy = toSpatial(builder, gradient, context.outputShape(node));
  const gradients: (string | undefined)[] = [undefined, undefined, undefined];
  if (context.wants(node, 0)) {
    const dx = inputGradient(builder, dy, context.input(node, 1), geometry);
    gradients[0] = fromSpatial(builder, dx, context.inputShape(node, 0));
  }
  if (context.wants(node, 1)) {
    const x = toSpatial(builder, context.input(node, 0), context.inputShape(node, 0));
    gradients[1] = weightGradient(builder, x, dy, geometry);
  }
  if (context.wants(node, 2)) gradients[2] = biasGradient(builder, dy);
  return gradients;
}

export function biasGradient(builder: NodeEmitter, dy: string): string {
  return builder.node('ReduceSum', [dy, builder.int64(0, 2, 3)], { keepdims: 0 });
}

/** Input rows (or columns) at the end that no window reaches. */
function unusedRows(geometry: ConvolutionGeometry, axis: 0 | 1): number {
  const { input, output, weight, strides, dilations, pads } = geometry;
  const window = dilations[axis]! * (weight[2 + axis]! - 1) + 1;
  return input[2 + axis]! + pads[axis]! + pads[axis + 2]! - window - (output[2 + axis]! - 1) * strides[axis]!;
}

/** With stride 1 a convolution with the flipped, transposed weight (about 1.5 times as fast as ConvTranspose); else ConvTranspose. */
export function inputGradient(builder: NodeEmitter, dy: string, weight: string, geometry: ConvolutionGeometry): string {
  const { strides, dilations, pads, groups, weight: shape } = geometry;
  const reach = [0, 1].map((axis) => dilations[axis]! * (shape[2 + axis]! - 1));
  const mirrored = [0, 1, 2, 3].map((side) => reach[side % 2]! - pads[side]!);
  if (strides.every((stride) => stride === 1) && mirrored.every((pad) => pad >= 0)) {
    const flipped = flipWeight(builder, weight, shape, groups);
    return builder.node('Conv', [dy, flipped], { strides: [1, 1], dilations, pads: mirrored, group: groups });
  }
  return builder.node('ConvTranspose', [dy, weight], {
    strides,
    dilations,
    pads,
    group: groups,
    output_padding: [unusedRows(geometry, 0), unusedRows(geometry, 1)],
  });
}

/** [O, I/g, h, w] -> [I, O/g, h, w] with both spatial axes reversed. */
function flipWeight(builder: NodeEmitter, weight: string, shape: Shape4, groups: number): string {
  const [outputs, groupInputs, height, width] = shape;
  let flipped = weight;
  if (height * width > 1) {
    const [starts, ends] = [builder.int64(-1, -1), builder.int64(-(2 ** 31), -(2 ** 31))];
    flipped = builder.node('Slice', [weight, starts, ends, builder.int64(2, 3), builder.int64(-1, -1)]);
  }
  const grouped = reshape(builder, flipped, [groups, outputs / groups, groupInputs, height, width]);
  const turned = builder.node('Transpose', [grouped], { perm: [0, 2, 1, 3, 4] });
  return reshape(builder, turned, [groups * groupInputs, outputs / groups, height, width]);
}

/** Depthwise: one convolution with a group for each sample and channel. Otherwise patches (im2col) times the output gradient. */
export function weightGradient(builder: NodeEmitter, x: string, dy: string, geometry: ConvolutionGeometry): string {
  return geometry.weight[1] === 1 && geometry.groups > 1
    ? depthwiseWeightGradient(builder, x, dy, geometry)
    : patchWeightGradient(builder, x, dy, geometry);
}

function depthwiseWeightGradient(builder: NodeEmitter, x: string, dy: string, geometry: ConvolutionGeometry): string {
  const { input, output, weight, strides, dilations, pads } = geometry;
  const [batch, channels, height, width] = input;
  const image = reshape(builder, x, [1, batch * channels, height, width]);
  const kernel = reshape(builder, dy, [batch * weight[0], 1, output[2], output[3]]);
  // The roles swap: the output gradient is a kernel dilated by the stride, moved in steps of the dilation.
  const attributes = { strides: dilations, dilations: strides, pads, group: batch * channels };
  let taps = builder.node('Conv', [image, kernel], attributes);
  const extra = [0, 1].map((axis) => Math.floor(unusedRows(geometry, axis as 0 | 1) / dilations[axis]!));
  if (extra.some((rows) => rows > 0)) {
    const ends = builder.int64(weight[2], weight[3]);
    taps = builder.node('Slice', [taps, builder.int64(0, 0), ends, builder.int64(2, 3)]);
  }
  const perSample = reshape(builder, taps, [batch, ...weight]);
  return builder.node('ReduceSum', [perSample, builder.int64(0)], { keepdims: 0 });
}

function patchWeightGradient(builder: NodeEmitter, x: string, dy: string, geometry: ConvolutionGeometry): string {
  const { input, output, weight, groups } = geometry;
  const positions = output[2] * output[3];
  const groupColumns = weight[1] * weight[2] * weight[3];
  const patches = reshape(builder, unfold(builder, x, geometry), [input[0], groups, groupColumns, positions]);
  const outputs = reshape(builder, dy, [input[0], groups, weight[0] / groups, positions]);
  const perSample = builder.node('FusedMatMul', [outputs, patches], { transB: 1 });
  const total = builder.node('ReduceSum', [perSample, builder.int64(0)], { keepdims: 0 });
  return reshape(builder, total, weight);
}

/**
 * Patches [batch, inputs * height * width, positions] by a depthwise convolution with one-hot kernels, which is exact for finite
 * values; slices and a concat take three times as long. A pointwise convolution needs none.
 */
function unfold(builder: NodeEmitter, x: string, geometry: ConvolutionGeometry): string {
  const { input, weight, strides, dilations, pads } = geometry;
  const taps = weight[2] * weight[3];
  const plain = [...strides, ...dilations].every((step) => step === 1) && pads.every((pad) => pad === 0);
  if (taps === 1 && plain) return x;
  const channels = input[1];
  const shape = [channels * taps, 1, weight[2], weight[3]];
  const hot = new Float32Array(elementCount(shape));
  for (let row = 0; row < channels * taps; row++) hot[row * taps + (row % taps)] = 1;
  const kernel = builder.constant('float32', shape, hot);
  return builder.node('Conv', [x, kernel], { strides, dilations, pads, group: channels });
}
