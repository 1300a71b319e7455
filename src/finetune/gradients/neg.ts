/** Gradient of the negative: dx = -dy. */
import type { GradientRule } from '../gradient-rule.ts';

export const negGradient: GradientRule = {
  op: 'neg',
  forward: (node, context) => [context.builder.node('Neg', [context.input(node, 0)])],
  backward: (_node, [dy], context) => [context.builder.node('Neg', [dy!])],
};
