/** The input side of TFLite Micro's logistic and tanh: the code's distance from the zero point in Q4.27, saturated outside a radius. */
import { splitExponent } from '../../arithmetic/quantize-multiplier.ts';
import { multiplyDoubleRounding, roundHalfAway } from '../../arithmetic/rounding.ts';
import type { ActivationQuantization } from '../../graph/quantization-plan.ts';

export interface SaturatingFunction {
  /** Codes left and right of the radius. */
  readonly low: number;
  readonly high: number;
  /** The code of a Q4.27 value inside it. */
  readonly inside: (value: number) => number;
}

export function differenceInQ4(
  input: ActivationQuantization,
  { low, high, inside }: SaturatingFunction,
): (code: number) => number {
  const { fraction, exponent } = splitExponent(input.scale * 2 ** 27);
  const multiplier = Math.min(roundHalfAway(fraction * 2 ** 31), 2147483647);
  const radius = Math.floor((15 * 2 ** 27) / 2 ** exponent);
  return (code) => {
    const value = code - input.zeroPoint;
    if (value <= -radius) return low;
    if (value >= radius) return high;
    return inside(multiplyDoubleRounding(value, multiplier, exponent));
  };
}
