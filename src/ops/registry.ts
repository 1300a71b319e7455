/** Operators by name and by opcode. The list itself is generated from the folder listing (`npm run generate`). */
import { BitwrightError } from '../base/errors.ts';
import type { OpDefinition } from './op-definition.ts';
import { generatedOps } from './registry.generated.ts';

export const allOps: readonly OpDefinition[] = generatedOps;

const byName = new Map(allOps.map((op) => [op.name, op]));
const byOpcode = new Map(allOps.flatMap((op) => (op.kernel === undefined ? [] : [[op.kernel.opcode, op] as const])));

/** Throws MODEL_UNSUPPORTED listing the known operators. */
export function getOp(name: string): OpDefinition {
  const op = byName.get(name);
  if (op !== undefined) return op;
  throw new BitwrightError('MODEL_UNSUPPORTED', {
    message: 'unknown operator',
    seen: name,
    allowed: [...byName.keys()].join(', '),
  });
}

export function hasOp(name: string): boolean {
  return byName.has(name);
}

/** Throws ARTIFACT_INVALID for an opcode that no operator has. */
export function opByOpcode(opcode: number): OpDefinition {
  const op = byOpcode.get(opcode);
  if (op !== undefined) return op;
  throw new BitwrightError('ARTIFACT_INVALID', { message: 'unknown opcode', seen: opcode });
}
