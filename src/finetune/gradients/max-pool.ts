/** Gradient of max pooling: each output gradient is added at the input that won its window (the first one on ties). */
import { elementCount } from '../../base/tensor.ts';
import { fromSpatial, reshape, toSpatial } from '../emit-shapes.ts';
import type { GradientRule } from '../gradient-rule.ts';

export const maxPoolGradient: GradientRule = {
  op: 'max-pool',
  keepsGrid: true,
  forward: (node, context) => {
    const x = toSpatial(context.builder, context.input(node, 0), context.inputShape(node, 0));
    const { kernel, strides, dilations, pads } = node.attributes as Record<string, readonly number[]>;
    const attributes = { kernel_shape: kernel!, strides: strides!, dilations: dilations ?? [1, 1], pads: pads! };
    const [y, indices] = context.builder.nodeOf(2, 'MaxPool', [x], attributes);
    context.keep(node, 'indices', indices!);
    return [fromSpatial(context.builder, y!, context.outputShape(node))];
  },
  backward: (node, [dy], context) => {
    const { builder } = context;
    const shape = context.inputShape(node, 0);
    const zeros = builder.node('ConstantOfShape', [builder.int64(elementCount(shape))]);
    const at = reshape(builder, context.kept(node, 'indices'), [-1]);
    const added = builder.node('ScatterElements', [zeros, at, reshape(builder, dy!, [-1])], {
      axis: 0,
      reduction: 'add',
    });
    return [reshape(builder, added, shape)];
  },
};
