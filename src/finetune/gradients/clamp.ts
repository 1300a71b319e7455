/** The clamp node (Relu, Relu6, Clip): the training graph itself applies every node's `clamp` attribute, so the rule passes through. */
import type { GradientRule } from '../gradient-rule.ts';

export const clampGradient: GradientRule = {
  op: 'clamp',
  forward: (node, context) => [context.input(node, 0)],
  backward: (_node, [dy]) => [dy],
};
