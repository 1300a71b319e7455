/** Gradient of tanh: dx = dy * (1 - y^2). */
import type { GradientRule } from '../gradient-rule.ts';

export const tanhGradient: GradientRule = {
  op: 'tanh',
  forward: (node, context) => [context.builder.node('Tanh', [context.input(node, 0)])],
  backward: (node, [dy], context) => {
    const { builder } = context;
    const y = context.rawOutput(node);
    const slope = builder.node('Sub', [builder.scalar(1), builder.node('Mul', [y, y])]);
    return [builder.node('Mul', [dy!, slope])];
  },
};
