/** Gradient of an embedding table: each output row's gradient is added to the row that it was read from. */
import { elementCount } from '../../base/tensor.ts';
import { reshape } from '../emit-shapes.ts';
import type { GradientRule } from '../gradient-rule.ts';

export const gatherGradient: GradientRule = {
  op: 'gather',
  keepsGrid: true,
  forward: (node, context) => [
    context.builder.node('Gather', [context.input(node, 0), context.input(node, 1)], { axis: 0 }),
  ],
  backward: (node, [dy], context) => {
    if (!context.wants(node, 0)) return [undefined, undefined];
    const { builder } = context;
    const [rows, width] = context.inputShape(node, 0) as [number, number];
    const count = elementCount(context.inputShape(node, 1));
    const zeros = builder.node('ConstantOfShape', [builder.int64(rows, width)]);
    const at = reshape(builder, context.input(node, 1), [count, 1]);
    const rowsOfDy = reshape(builder, dy!, [count, width]);
    return [builder.node('ScatterND', [zeros, at, rowsOfDy], { reduction: 'add' }), undefined];
  },
};
