/** Gradient of the leaky Relu: dx = dy where x > 0, alpha dy elsewhere. */
import type { GradientRule } from '../gradient-rule.ts';

export const leakyReluGradient: GradientRule = {
  op: 'leaky-relu',
  forward: (node, context) => [
    context.builder.node('LeakyRelu', [context.input(node, 0)], { alpha: { float: node.attributes.alpha as number } }),
  ],
  backward: (node, [dy], context) => {
    const { builder } = context;
    const positive = builder.node('Greater', [context.input(node, 0), builder.scalar(0)]);
    const damped = builder.node('Mul', [dy!, builder.scalar(node.attributes.alpha as number)]);
    return [builder.node('Where', [positive, dy!, damped])];
  },
};
