/** Gradient of the error function: dx = dy * 2 / sqrt(pi) * e^(-x^2). */
import type { GradientRule } from '../gradient-rule.ts';

export const erfGradient: GradientRule = {
  op: 'erf',
  forward: (node, context) => [context.builder.node('Erf', [context.input(node, 0)])],
  backward: (node, [dy], context) => {
    const { builder } = context;
    const x = context.input(node, 0);
    const bell = builder.node('Exp', [builder.node('Neg', [builder.node('Mul', [x, x])])]);
    return [builder.node('Mul', [dy!, builder.node('Mul', [bell, builder.scalar(2 / Math.sqrt(Math.PI))])])];
  },
};
