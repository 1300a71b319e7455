/** Gradient of exp: dx = dy * y. */
import type { GradientRule } from '../gradient-rule.ts';

export const expGradient: GradientRule = {
  op: 'exp',
  forward: (node, context) => [context.builder.node('Exp', [context.input(node, 0)])],
  backward: (node, [dy], context) => [context.builder.node('Mul', [dy!, context.rawOutput(node)])],
};
