/** Gradient of global average pooling: the output gradient, shared evenly by all positions. */
import { spreadMean } from '../emit-shapes.ts';
import type { GradientRule } from '../gradient-rule.ts';

export const globalAveragePoolGradient: GradientRule = {
  op: 'global-average-pool',
  forward: (node, context) => [context.builder.node('GlobalAveragePool', [context.input(node, 0)])],
  backward: (node, [dy], context) => [
    spreadMean(context.builder, dy!, context.outputShape(node), context.inputShape(node, 0)),
  ],
};
