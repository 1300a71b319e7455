/** Gradient of elu, alpha (e^x - 1) below zero: dx = dy where x > 0, dy (y + alpha) elsewhere. */
import type { GradientRule } from '../gradient-rule.ts';

export const eluGradient: GradientRule = {
  op: 'elu',
  forward: (node, context) => [
    context.builder.node('Elu', [context.input(node, 0)], { alpha: { float: node.attributes.alpha as number } }),
  ],
  backward: (node, [dy], context) => {
    const { builder } = context;
    const positive = builder.node('Greater', [context.input(node, 0), builder.scalar(0)]);
    const slope = builder.node('Add', [context.rawOutput(node), builder.scalar(node.attributes.alpha as number)]);
    return [builder.node('Where', [positive, dy!, builder.node('Mul', [dy!, slope])])];
  },
};
