/** Gradient of a dense layer y = x W^T + b over the last axis: dx = dy W, dW = dy^T x, db = the sum of dy over rows. */
import { elementCount } from '../../base/tensor.ts';
import type { Node } from '../../graph/graph.ts';
import { reshape } from '../emit-shapes.ts';
import type { GradientContext, GradientRule } from '../gradient-rule.ts';

function rowsOf(node: Node, context: GradientContext): string {
  const [, inputs] = context.inputShape(node, 1) as [number, number];
  const shape = context.inputShape(node, 0);
  const x = context.input(node, 0);
  return shape.length === 2 ? x : reshape(context.builder, x, [elementCount(shape) / inputs, inputs]);
}

export const fullyConnectedGradient: GradientRule = {
  op: 'fully-connected',
  forward: (node, context) => {
    const bias = context.hasInput(node, 2) ? [context.input(node, 2)] : [];
    const y = context.builder.node('Gemm', [rowsOf(node, context), context.input(node, 1), ...bias], { transB: 1 });
    const shape = context.outputShape(node);
    return [shape.length === 2 ? y : reshape(context.builder, y, shape)];
  },
  backward: (node, [gradient], context) => {
    const { builder } = context;
    const [outputs] = context.inputShape(node, 1) as [number, number];
    const dy = reshape(builder, gradient!, [elementCount(context.outputShape(node)) / outputs, outputs]);
    const gradients: (string | undefined)[] = [undefined, undefined, undefined];
    if (context.wants(node, 0)) {
      gradients[0] = reshape(
        builder,
        builder.node('MatMul', [dy, context.input(node, 1)]),
        context.inputShape(node, 0),
      );
    }
    if (context.wants(node, 1)) gradients[1] = builder.node('Gemm', [dy, rowsOf(node, context)], { transA: 1 });
    if (context.wants(node, 2)) {
      gradients[2] = builder.node('ReduceSum', [dy, builder.int64(0)], { keepdims: 0 });
    }
    return gradients;
  },
};
