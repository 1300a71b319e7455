/** x * (1 + erf(x / sqrt(2))) / 2. */
import { erf } from './common/erf.ts';
import { unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({
  name: 'gelu',
  real: (_, value) => (value * (1 + erf(value * Math.SQRT1_2))) / 2,
});
