/** Magnitude. */
import { unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({ name: 'abs', real: (_, value) => Math.abs(value) });
