/** x * relu6(x + 3) / 6. TFLite computes it with 16-bit multiplies; the table holds those values. */
import { hardSwishCode } from '../arithmetic/hard-swish.ts';
import { isTflite, unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({
  name: 'hard-swish',
  real: (_, value) => (value * Math.min(Math.max(value + 3, 0), 6)) / 6,
  fixedPoint: (_, input, output, profile) => (isTflite(profile) ? hardSwishCode(input, output) : undefined),
});
