/** Gradient of clamp(alpha x + beta, 0, 1): dx = alpha dy strictly inside. */
import { passInside } from '../activation.ts';
import type { GradientRule } from '../gradient-rule.ts';

export const hardSigmoidGradient: GradientRule = {
  op: 'hard-sigmoid',
  forward: (node, context) => [
    context.builder.node('HardSigmoid', [context.input(node, 0)], {
      alpha: { float: node.attributes.alpha as number },
      beta: { float: node.attributes.beta as number },
    }),
  ],
  backward: (node, [dy], context) => {
    const { builder } = context;
    const scaled = builder.node('Mul', [dy!, builder.scalar(node.attributes.alpha as number)]);
    return [passInside(builder, scaled, context.rawOutput(node), 0, 1)];
  },
};
