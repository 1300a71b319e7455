/** Gradient of PRelu: dx = dy where x > 0, slope dy elsewhere; the slope's is x dy where x <= 0, summed over its broadcast. */
import { sumToShape } from '../emit-shapes.ts';
import type { GradientRule } from '../gradient-rule.ts';

export const preluGradient: GradientRule = {
  op: 'prelu',
  forward: (node, context) => [context.builder.node('PRelu', [context.input(node, 0), context.input(node, 1)])],
  backward: (node, [dy], context) => {
    const { builder } = context;
    const x = context.input(node, 0);
    const positive = builder.node('Greater', [x, builder.scalar(0)]);
    const gradients: (string | undefined)[] = [undefined, undefined];
    if (context.wants(node, 0)) {
      const damped = builder.node('Mul', [dy!, context.input(node, 1)]);
      gradients[0] = builder.node('Where', [positive, dy!, damped]);
    }
    if (context.wants(node, 1)) {
      const product = builder.node('Where', [positive, builder.scalar(0), builder.node('Mul', [dy!, x])]);
      gradients[1] = sumToShape(builder, product, context.outputShape(node), context.inputShape(node, 1));
    }
    return gradients;
  },
};
