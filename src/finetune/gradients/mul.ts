/** Gradient of a product: the output gradient times the other factor, summed over broadcast axes. */
import { sumToShape } from '../emit-shapes.ts';
import type { GradientRule } from '../gradient-rule.ts';

export const mulGradient: GradientRule = {
  op: 'mul',
  forward: (node, context) => [context.builder.node('Mul', [context.input(node, 0), context.input(node, 1)])],
  backward: (node, [dy], context) =>
    [0, 1].map((index) => {
      if (!context.wants(node, index)) return undefined;
      const product = context.builder.node('Mul', [dy!, context.input(node, 1 - index)]);
      return sumToShape(context.builder, product, context.outputShape(node), context.inputShape(node, index));
    }),
};
