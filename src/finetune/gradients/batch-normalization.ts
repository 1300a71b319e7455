/**
 * Batch normalization in training form: normalised by the mean and (biased) variance of the batch, which are reported so that the
 * trainer can keep running averages. With x' the normalised input, dx = scale / std * (dy - mean(dy) - x' * mean(dy * x')).
 */
import { elementCount, type Shape } from '../../base/tensor.ts';
import type { Node } from '../../graph/graph.ts';
import { reshape } from '../emit-shapes.ts';
import type { GradientContext, GradientRule } from '../gradient-rule.ts';

/** [C] as [1, C, 1, ...] beside values of this shape. */
const channelShape = (shape: Shape): number[] => shape.map((size, axis) => (axis === 1 ? size : 1));

function channelReduce(
  context: GradientContext,
  kind: 'ReduceMean' | 'ReduceSum',
  value: string,
  shape: Shape,
): string {
  const axes = shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return context.builder.node(kind, [value, context.builder.int64(...axes)], { keepdims: 1 });
}

export const batchNormalizationGradient: GradientRule = {
  op: 'batch-normalization',
  forward: (node, context) => {
    const { builder } = context;
    const shape = context.inputShape(node, 0);
    const beside = channelShape(shape);
    const mean = channelReduce(context, 'ReduceMean', context.input(node, 0), shape);
    const centered = builder.node('Sub', [context.input(node, 0), mean]);
    const variance = channelReduce(context, 'ReduceMean', builder.node('Mul', [centered, centered]), shape);
    const stable = builder.node('Add', [variance, builder.scalar(node.attributes.epsilon as number)]);
    const inverse = builder.node('Reciprocal', [builder.node('Sqrt', [stable])]);
    const normalised = builder.node('Mul', [centered, inverse]);
    context.report(node, 'mean', reshape(builder, mean, [shape[1]!]), shape[1]!);
    context.report(node, 'variance', reshape(builder, variance, [shape[1]!]), shape[1]!);
    context.keep(node, 'inverse', inverse);
    context.keep(node, 'normalised', normalised);
    const scaled = builder.node('Mul', [normalised, reshape(builder, context.input(node, 1), beside)]);
    return [builder.node('Add', [scaled, reshape(builder, context.input(node, 2), beside)])];
  },
  backward: (node, [dy], context) => backward(node, dy!, context),
};

function backward(node: Node, dy: string, context: GradientContext): (string | undefined)[] {
  const { builder } = context;
  const shape = context.inputShape(node, 0);
  const normalised = context.kept(node, 'normalised');
  const sumDy = channelReduce(context, 'ReduceSum', dy, shape);
  const sumProduct = channelReduce(context, 'ReduceSum', builder.node('Mul', [dy, normalised]), shape);
  const gradients: (string | undefined)[] = [undefined, undefined, undefined, undefined, undefined];
  if (context.wants(node, 0)) {
    const share = builder.scalar(shape[1]! / elementCount(shape));
    const centered = builder.node('Sub', [dy, builder.node('Mul', [sumDy, share])]);
    const along = builder.node('Mul', [normalised, builder.node('Mul', [sumProduct, share])]);
    const scale = reshape(builder, context.input(node, 1), channelShape(shape));
    const gain = builder.node('Mul', [scale, context.kept(node, 'inverse')]);
    gradients[0] = builder.node('Mul', [builder.node('Sub', [centered, along]), gain]);
  }
  if (context.wants(node, 1)) gradients[1] = reshape(builder, sumProduct, [shape[1]!]);
  if (context.wants(node, 2)) gradients[2] = reshape(builder, sumDy, [shape[1]!]);
  return gradients;
}
