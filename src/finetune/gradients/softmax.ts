/** Gradient of a softmax inside the graph: dx = y * (dy - sum(dy * y)). A trailing softmax belongs to the loss instead. */
import type { GradientRule } from '../gradient-rule.ts';

export const softmaxGradient: GradientRule = {
  op: 'softmax',
  forward: (node, context) => [
    context.builder.node('Softmax', [context.input(node, 0)], { axis: node.attributes.axis as number }),
  ],
  backward: (node, [dy], context) => {
    const { builder } = context;
    const y = context.rawOutput(node);
    const axis = builder.int64(node.attributes.axis as number);
    const sum = builder.node('ReduceSum', [builder.node('Mul', [dy!, y]), axis], { keepdims: 1 });
    return [builder.node('Mul', [y, builder.node('Sub', [dy!, sum])])];
  },
};
