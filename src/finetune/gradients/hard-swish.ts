/** Gradient of hard swish, x h(x) with h(x) = clamp(x / 6 + 1/2, 0, 1): dx = dy h(x) + (x dy / 6 strictly inside). */
import { passInside } from '../activation.ts';
import type { GradientRule } from '../gradient-rule.ts';

export const hardSwishGradient: GradientRule = {
  op: 'hard-swish',
  forward: (node, context) => {
    const { builder } = context;
    const attributes = { alpha: { float: 1 / 6 }, beta: { float: 0.5 } };
    const gate = builder.node('HardSigmoid', [context.input(node, 0)], attributes);
    context.keep(node, 'gate', gate);
    return [builder.node('Mul', [context.input(node, 0), gate])];
  },
  backward: (node, [dy], context) => {
    const { builder } = context;
    const gate = context.kept(node, 'gate');
    const product = builder.node('Mul', [builder.node('Mul', [dy!, context.input(node, 0)]), builder.scalar(1 / 6)]);
    return [builder.node('Add', [builder.node('Mul', [dy!, gate]), passInside(builder, product, gate, 0, 1)])];
  },
};
