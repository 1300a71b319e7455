/** Gradient of a (grouped) convolution. */
import { convolutionBackward, convolutionForward } from '../convolution.ts';
import type { GradientRule } from '../gradient-rule.ts';

export const convGradient: GradientRule = {
  op: 'conv',
  forward: (node, context) => convolutionForward(node, node.attributes.groups as number, context),
  backward: (node, [dy], context) => convolutionBackward(node, dy!, node.attributes.groups as number, context),
};
