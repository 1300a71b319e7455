/** Gradient of a transpose: the inverse permutation. */
import type { GradientRule } from '../gradient-rule.ts';

export const transposeGradient: GradientRule = {
  op: 'transpose',
  keepsGrid: true,
  forward: (node, context) => [
    context.builder.node('Transpose', [context.input(node, 0)], { perm: node.attributes.permutation as number[] }),
  ],
  backward: (node, [dy], context) => {
    const permutation = node.attributes.permutation as readonly number[];
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    return [context.builder.node('Transpose', [dy!], { perm: inverse })];
  },
};
