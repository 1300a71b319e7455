/** Gradient of the magnitude: dx = dy * sign(x). */
import type { GradientRule } from '../gradient-rule.ts';

export const absGradient: GradientRule = {
  op: 'abs',
  forward: (node, context) => [context.builder.node('Abs', [context.input(node, 0)])],
  backward: (node, [dy], context) => [
    context.builder.node('Mul', [dy!, context.builder.node('Sign', [context.input(node, 0)])]),
  ],
};
