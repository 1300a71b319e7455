/** What the two power-of-two rules share: the effective scale is 2^shift, and only the rounding of the right shift differs. */
import { requireScale, scaleError } from './encodable-scale.ts';
import { splitExponent } from './quantize-multiplier.ts';
import { clampInteger } from './rounding.ts';
import type { RequantizeRule, RuleId } from './rule.ts';

/** A rule whose `multiplier` is 1 and unused. A left shift saturates to int32; `round` gets accumulator / 2^n, exact in a double. */
export function powerOfTwoRule(id: RuleId, code: number, round: (value: number) => number): RequantizeRule {
  return {
    id,
    code,
    encode(scale) {
      requireScale(id, scale);
      const { fraction, exponent } = splitExponent(scale);
      const shift = exponent - 1;
      if (fraction !== 0.5 || shift < -31 || shift > 31) throw scaleError(id, scale, 'a power of two, 2^-31 to 2^31');
      return { multiplier: 1, shift };
    },
    decode: (encoded) => 2 ** encoded.shift,
    requantize(accumulator, { shift }, zeroPoint, clampMin, clampMax) {
      const scaled = accumulator * 2 ** shift;
      const value = (shift < 0 ? round(scaled) : clampInteger(scaled, -2147483648, 2147483647)) + zeroPoint;
      return clampInteger(value, clampMin, clampMax);
    },
  };
}
