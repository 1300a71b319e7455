/**
 * Gradient of a resize, which is linear along each axis: y = R x C^T with one row of weights for each output position, so
 * dx = R^T dy C. The matrices hold what the operator itself samples.
 */
import type { Node } from '../../graph/graph.ts';
import { sampleAxis } from '../../ops/common/resize-axis.ts';
import type { GradientContext, GradientRule } from '../gradient-rule.ts';

/** [output, input] weights of an axis; transposed, [input, output]. */
function axisMatrix(node: Node, axis: 0 | 1, transposed: boolean, context: GradientContext): string {
  const size = context.inputShape(node, 0)[2 + axis]!;
  const samples = sampleAxis(node, axis, size);
  const data = new Float32Array(samples.length * size);
  const at = (output: number, input: number): number =>
    transposed ? input * samples.length + output : output * size + input;
  for (const [output, { first, second, weight }] of samples.entries()) {
    data[at(output, first)]! += 1 - weight;
    data[at(output, second)]! += weight;
  }
  return context.builder.constant('float32', transposed ? [size, samples.length] : [samples.length, size], data);
}

export const resizeGradient: GradientRule = {
  op: 'resize',
  forward: (node, context) => {
    const tall = context.builder.node('MatMul', [axisMatrix(node, 0, false, context), context.input(node, 0)]);
    return [context.builder.node('MatMul', [tall, axisMatrix(node, 1, true, context)])];
  },
  backward: (node, [dy], context) => {
    const narrow = context.builder.node('MatMul', [dy!, axisMatrix(node, 1, false, context)]);
    return [context.builder.node('MatMul', [axisMatrix(node, 0, true, context), narrow])];
  },
};
