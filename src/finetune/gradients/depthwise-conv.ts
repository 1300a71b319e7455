/** Gradient of a depthwise convolution: a grouped one with a group for each input channel. */
import type { Node } from '../../graph/graph.ts';
import { convolutionBackward, convolutionForward } from '../convolution.ts';
import type { GradientContext, GradientRule } from '../gradient-rule.ts';

const groupsOf = (node: Node, context: GradientContext): number => context.inputShape(node, 0)[1]!;

export const depthwiseConvGradient: GradientRule = {
  op: 'depthwise-conv',
  forward: (node, context) => convolutionForward(node, groupsOf(node, context), context),
  backward: (node, [dy], context) => convolutionBackward(node, dy!, groupsOf(node, context), context),
};
