/** Gradient of gelu, x P(x) with P the normal distribution function and p its density: dx = dy * (P(x) + x p(x)). */
import type { GradientRule } from '../gradient-rule.ts';

export const geluGradient: GradientRule = {
  op: 'gelu',
  forward: (node, context) => {
    const { builder } = context;
    const x = context.input(node, 0);
    const erf = builder.node('Erf', [builder.node('Mul', [x, builder.scalar(Math.SQRT1_2)])]);
    const probability = builder.node('Mul', [builder.node('Add', [erf, builder.scalar(1)]), builder.scalar(0.5)]);
    context.keep(node, 'probability', probability);
    return [builder.node('Mul', [x, probability])];
  },
  backward: (node, [dy], context) => {
    const { builder } = context;
    const x = context.input(node, 0);
    const bell = builder.node('Exp', [builder.node('Mul', [builder.node('Mul', [x, x]), builder.scalar(-0.5)])]);
    const density = builder.node('Mul', [bell, builder.scalar(1 / Math.sqrt(2 * Math.PI))]);
    const slope = builder.node('Add', [context.kept(node, 'probability'), builder.node('Mul', [x, density])]);
    return [builder.node('Mul', [dy!, slope])];
  },
};
