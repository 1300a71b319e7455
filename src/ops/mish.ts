/** x * tanh(ln(1 + e^x)), after Misra, "Mish: a self regularized non-monotonic activation function". */
import { unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({
  name: 'mish',
  real: (_, value) => value * Math.tanh(Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)))),
});
