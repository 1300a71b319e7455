/** max(0, min(1, alpha * x + beta)). */
import { numberOf } from './common/attributes.ts';
import { unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({
  name: 'hard-sigmoid',
  real: (node, value) => Math.max(0, Math.min(1, numberOf(node, 'alpha') * value + numberOf(node, 'beta'))),
});
