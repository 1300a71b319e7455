/** Logistic function. TFLite Micro computes it in fixed point; the table holds those values. */
import { logistic } from '../arithmetic/fixed-point.ts';
import { roundingDivideByPowerOfTwo } from '../arithmetic/rounding.ts';
import { differenceInQ4 } from './common/q4-input.ts';
import { unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({
  name: 'sigmoid',
  real: (_, value) => 1 / (1 + Math.exp(-value)),
  fixedPointTie: { scale: 1 / 256, zeroPointFromLowest: 0 },
  // The output is on 1/256 with zero point -128 by TFLite's definition; other outputs get the float form.
  fixedPoint: (_, input, output) =>
    output.scale !== 1 / 256 || output.zeroPoint !== -128
      ? undefined
      : differenceInQ4(input, {
          low: -128,
          high: 127,
          inside: (value) => roundingDivideByPowerOfTwo(logistic(value, 4), 23) - 128,
        }),
});
