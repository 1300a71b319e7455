/** Gradient of a difference: the output gradient and its negative, summed over broadcast axes. */
import { sumToShape } from '../emit-shapes.ts';
import type { GradientRule } from '../gradient-rule.ts';

export const subGradient: GradientRule = {
  op: 'sub',
  forward: (node, context) => [context.builder.node('Sub', [context.input(node, 0), context.input(node, 1)])],
  backward: (node, [dy], context) =>
    [0, 1].map((index) => {
      if (!context.wants(node, index)) return undefined;
      const signed = index === 0 ? dy! : context.builder.node('Neg', [dy!]);
      return sumToShape(context.builder, signed, context.outputShape(node), context.inputShape(node, index));
    }),
};
