/** Logistic function. TFLite Micro computes it in fixed point, LiteRT in float32 step by step; the table holds those values. */
import { logistic } from '../arithmetic/fixed-point.ts';
import { roundingDivideByPowerOfTwo } from '../arithmetic/rounding.ts';
import { differenceInQ4 } from './common/q4-input.ts';
import { floatCode } from './common/table.ts';
import { type CodeFunction, isTflite, unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({
  name: 'sigmoid',
  real: (_, value) => 1 / (1 + Math.exp(-value)),
  tfliteTie: { scale: 1 / 256, zeroPointFromLowest: 0 },
  fixedPoint,
});

/** The fixed-point form exists on TFLite's own output, 1/256 with zero point -128; other outputs get the float form. */
function fixedPoint(...[, input, output, profile]: Parameters<CodeFunction>): ReturnType<CodeFunction> {
  if (profile.table !== 'fixed-point') {
    const single = (value: number): number => 1 / Math.fround(1 + Math.fround(Math.exp(-value)));
    return isTflite(profile) ? floatCode(profile, input, output, single) : undefined;
  }
  if (output.scale !== 1 / 256 || output.zeroPoint !== -128) return undefined;
  const inside = (value: number): number => roundingDivideByPowerOfTwo(logistic(value, 4), 23) - 128;
  return differenceInQ4(input, { low: -128, high: 127, inside });
}
