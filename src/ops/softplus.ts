/** ln(1 + e^x), in the form that does not overflow. */
import { unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({
  name: 'softplus',
  real: (_, value) => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value))),
});
