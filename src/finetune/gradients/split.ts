/** Gradient of a split: the parts joined again, zeros where no gradient came back. */
import type { GradientRule } from '../gradient-rule.ts';

export const splitGradient: GradientRule = {
  op: 'split',
  keepsGrid: true,
  forward: (node, context) => {
    const sizes = context.builder.int64(...(node.attributes.sizes as readonly number[]));
    return context.builder.nodeOf(node.outputs.length, 'Split', [context.input(node, 0), sizes], {
      axis: node.attributes.axis as number,
    });
  },
  backward: (node, gradients, context) => {
    const parts = gradients.map(
      (part, index) =>
        part ?? context.builder.node('ConstantOfShape', [context.builder.int64(...context.outputShape(node, index))]),
    );
    return [context.builder.node('Concat', parts, { axis: node.attributes.axis as number })];
  },
};
