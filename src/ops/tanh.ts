/** Hyperbolic tangent. TFLite Micro computes it in fixed point; the table holds those values. */
import { tanh } from '../arithmetic/fixed-point.ts';
import { roundingDivideByPowerOfTwo } from '../arithmetic/rounding.ts';
import { differenceInQ4 } from './common/q4-input.ts';
import { unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({
  name: 'tanh',
  real: (_, value) => Math.tanh(value),
  tfliteTie: { scale: 1 / 128, zeroPointFromLowest: 128 },
  // The output is on 1/128 with zero point 0 by TFLite's definition; other outputs get the float form.
  fixedPoint: (_, input, output, profile) =>
    profile.table !== 'fixed-point' || output.scale !== 1 / 128 || output.zeroPoint !== 0
      ? undefined
      : differenceInQ4(input, {
          low: -128,
          high: 127,
          inside: (value) => roundingDivideByPowerOfTwo(tanh(value, 4), 24),
        }),
});
