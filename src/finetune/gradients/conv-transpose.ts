/**
 * Gradient of a transposed convolution. It is the input gradient of a convolution, so its own input gradient is that convolution
 * and its weight gradient is the convolution's with input and output exchanged.
 */
import type { Node } from '../../graph/graph.ts';
import { biasGradient, type ConvolutionGeometry, weightGradient } from '../convolution.ts';
import { fromSpatial, reshape, spatialShape, toSpatial } from '../emit-shapes.ts';
import type { GradientContext, GradientRule } from '../gradient-rule.ts';

/** The convolution that maps this node's output back to its input. */
function mirroredGeometry(node: Node, context: GradientContext): ConvolutionGeometry {
  const groups = node.attributes.groups as number;
  const [outputs, groupInputs, height, width] = context.inputShape(node, 1) as [number, number, number, number];
  return {
    input: spatialShape(context.outputShape(node)),
    output: spatialShape(context.inputShape(node, 0)),
    weight: [groupInputs * groups, outputs / groups, height, width],
    strides: node.attributes.strides as readonly number[],
    dilations: node.attributes.dilations as readonly number[],
    pads: node.attributes.pads as readonly number[],
    groups,
  };
}

/** [G * a, b, h, w] -> [G * b, a, h, w]. */
function exchange(context: GradientContext, value: string, groups: number, shape: readonly number[]): string {
  const [rows, columns, height, width] = shape as [number, number, number, number];
  const grouped = reshape(context.builder, value, [groups, rows / groups, columns, height, width]);
  const turned = context.builder.node('Transpose', [grouped], { perm: [0, 2, 1, 3, 4] });
  return reshape(context.builder, turned, [groups * columns, rows / groups, height, width]);
}

export const convTransposeGradient: GradientRule = {
  op: 'conv-transpose',
  forward: (node, context) => {
    const { strides, dilations, pads, groups } = mirroredGeometry(node, context);
    const x = toSpatial(context.builder, context.input(node, 0), context.inputShape(node, 0));
    const weight = exchange(context, context.input(node, 1), groups, context.inputShape(node, 1));
    context.keep(node, 'weight', weight);
    const bias = context.hasInput(node, 2) ? [context.input(node, 2)] : [];
    const outputPadding = node.attributes.outputPadding as readonly number[];
    const attributes = { strides, dilations, pads, group: groups, output_padding: outputPadding };
    const y = context.builder.node('ConvTranspose', [x, weight, ...bias], attributes);
    return [fromSpatial(context.builder, y, context.outputShape(node))];
  },
  backward: (node, [gradient], context) => {
    const { builder } = context;
    const geometry = mirroredGeometry(node, context);
    const { strides, dilations, pads, groups } = geometry;
    const dy = toSpatial(builder, gradient!, context.outputShape(node));
    const gradients: (string | undefined)[] = [undefined, undefined, undefined];
    if (context.wants(node, 0)) {
      const dx = builder.node('Conv', [dy, context.kept(node, 'weight')], { strides, dilations, pads, group: groups });
      gradients[0] = fromSpatial(builder, dx, context.inputShape(node, 0));
    }
    if (context.wants(node, 1)) {
      const x = toSpatial(builder, context.input(node, 0), context.inputShape(node, 0));
      gradients[1] = exchange(context, weightGradient(builder, dy, x, geometry), groups, geometry.weight);
    }
    if (context.wants(node, 2)) gradients[2] = biasGradient(builder, dy);
    return gradients;
  },
};
