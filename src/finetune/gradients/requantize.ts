/** A requantization is the identity in real numbers; the fake quantization of its output does the rest. */
import type { GradientRule } from '../gradient-rule.ts';

export const requantizeGradient: GradientRule = {
  op: 'requantize',
  forward: (node, context) => [context.input(node, 0)],
  backward: (_node, [dy]) => [dy],
};
