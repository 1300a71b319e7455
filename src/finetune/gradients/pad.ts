/** Gradient of constant padding: the inner part of the output gradient. */
import type { GradientRule } from '../gradient-rule.ts';

export const padGradient: GradientRule = {
  op: 'pad',
  keepsGrid: true,
  forward: (node, context) => {
    const { before, after } = node.attributes as Record<string, readonly number[]>;
    const { builder } = context;
    const value = builder.scalar(node.attributes.value as number);
    return [builder.node('Pad', [context.input(node, 0), builder.int64(...before!, ...after!), value])];
  },
  backward: (node, [dy], context) => {
    const { before, after } = node.attributes as Record<string, readonly number[]>;
    const crop = [...before!, ...after!].map((amount) => -amount);
    return [context.builder.node('Pad', [dy!, context.builder.int64(...crop)])];
  },
};
