/** Gradient of the square root: dx = dy / (2 y). */
import type { GradientRule } from '../gradient-rule.ts';

export const sqrtGradient: GradientRule = {
  op: 'sqrt',
  forward: (node, context) => [context.builder.node('Sqrt', [context.input(node, 0)])],
  backward: (node, [dy], context) => {
    const { builder } = context;
    return [builder.node('Div', [dy!, builder.node('Mul', [context.rawOutput(node), builder.scalar(2)])])];
  },
};
