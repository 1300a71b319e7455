/** Gradient of a concat: each input gets its part of the output gradient. */
import type { GradientRule } from '../gradient-rule.ts';

export const concatGradient: GradientRule = {
  op: 'concat',
  keepsGrid: true,
  forward: (node, context) => [
    context.builder.node(
      'Concat',
      node.inputs.map((_, index) => context.input(node, index)),
      { axis: node.attributes.axis as number },
    ),
  ],
  backward: (node, [dy], context) => {
    const axis = node.attributes.axis as number;
    const sizes = node.inputs.map((_, index) => context.inputShape(node, index)[axis]!);
    return context.builder.nodeOf(sizes.length, 'Split', [dy!, context.builder.int64(...sizes)], { axis });
  },
};
