/** Gradient of a sum: the output gradient, summed over broadcast axes. */
import { sumToShape } from '../emit-shapes.ts';
import type { GradientRule } from '../gradient-rule.ts';

export const addGradient: GradientRule = {
  op: 'add',
  forward: (node, context) => [context.builder.node('Add', [context.input(node, 0), context.input(node, 1)])],
  backward: (node, [dy], context) =>
    [0, 1].map((index) =>
      context.wants(node, index)
        ? sumToShape(context.builder, dy!, context.outputShape(node), context.inputShape(node, index))
        : undefined,
    ),
};
