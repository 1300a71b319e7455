/** Square root. */
import { unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({ name: 'sqrt', real: (_, value) => Math.sqrt(value) });
