/** Gradient of softplus, ln(1 + e^x): dx = dy * sigmoid(x). */
import type { GradientRule } from '../gradient-rule.ts';

export const softplusGradient: GradientRule = {
  op: 'softplus',
  forward: (node, context) => [context.builder.node('Softplus', [context.input(node, 0)])],
  backward: (node, [dy], context) => [
    context.builder.node('Mul', [dy!, context.builder.node('Sigmoid', [context.input(node, 0)])]),
  ],
};
