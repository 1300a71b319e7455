/** Gradient of mish, x * t with t = tanh(ln(1 + e^x)): dx = dy * (t + x * sigmoid(x) * (1 - t^2)). */
import type { GradientRule } from '../gradient-rule.ts';

export const mishGradient: GradientRule = {
  op: 'mish',
  forward: (node, context) => {
    const { builder } = context;
    const x = context.input(node, 0);
    const gate = builder.node('Tanh', [builder.node('Softplus', [x])]);
    context.keep(node, 'gate', gate);
    return [builder.node('Mul', [x, gate])];
  },
  backward: (node, [dy], context) => {
    const { builder } = context;
    const x = context.input(node, 0);
    const gate = context.kept(node, 'gate');
    const open = builder.node('Sub', [builder.scalar(1), builder.node('Mul', [gate, gate])]);
    const inner = builder.node('Mul', [builder.node('Mul', [x, builder.node('Sigmoid', [x])]), open]);
    return [builder.node('Mul', [dy!, builder.node('Add', [gate, inner])])];
  },
};
