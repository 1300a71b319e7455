/** Gradient of a reshape: the reshape back. */
import { reshape } from '../emit-shapes.ts';
import type { GradientRule } from '../gradient-rule.ts';

export const reshapeGradient: GradientRule = {
  op: 'reshape',
  keepsGrid: true,
  forward: (node, context) => [reshape(context.builder, context.input(node, 0), context.outputShape(node))],
  backward: (node, [dy], context) => [reshape(context.builder, dy!, context.inputShape(node, 0))],
};
