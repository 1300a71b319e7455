/** Gradient of the logistic function: dx = dy * y * (1 - y). */
import type { GradientRule } from '../gradient-rule.ts';

export const sigmoidGradient: GradientRule = {
  op: 'sigmoid',
  forward: (node, context) => [context.builder.node('Sigmoid', [context.input(node, 0)])],
  backward: (node, [dy], context) => {
    const { builder } = context;
    const y = context.rawOutput(node);
    const slope = builder.node('Mul', [y, builder.node('Sub', [builder.scalar(1), y])]);
    return [builder.node('Mul', [dy!, slope])];
  },
};
