/** Gauss error function. */
import { erf } from './common/erf.ts';
import { unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({ name: 'erf', real: (_, value) => erf(value) });
