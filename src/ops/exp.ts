/** Exponential. */
import { unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({ name: 'exp', real: (_, value) => Math.exp(value) });
