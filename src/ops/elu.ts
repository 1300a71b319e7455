/** Exponential linear unit: x where positive, alpha * (e^x - 1) elsewhere. */
import { numberOf } from './common/attributes.ts';
import { unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({
  name: 'elu',
  real: (node, value) => (value > 0 ? value : numberOf(node, 'alpha') * Math.expm1(value)),
});
