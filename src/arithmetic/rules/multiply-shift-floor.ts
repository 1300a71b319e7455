/**
 * PULP-NN's requantization: (accumulator * multiplier) >> n with a 64-bit product and no rounding constant, so it floors.
 * `multiplier` is in [2^14, 2^15) (the int16 that the kernels take) or 0, `shift` is -n with n 0..62.
 */
import { requireScale, scaleError } from '../encodable-scale.ts';
import { splitExponent } from '../quantize-multiplier.ts';
import { clampInteger, roundHalfAway } from '../rounding.ts';
import type { RequantizeRule } from '../rule.ts';

export const rule: RequantizeRule = {
  id: 'multiply-shift-floor',
  code: 6,
  encode(scale) {
    requireScale('multiply-shift-floor', scale);
    if (scale === 0) return { multiplier: 0, shift: 0 };
    const { fraction, exponent } = splitExponent(scale);
    let multiplier = roundHalfAway(fraction * 32768);
    let shift = exponent - 15;
    if (multiplier === 32768) {
      multiplier = 16384;
      shift++;
    }
    if (shift < -62) return { multiplier: 0, shift: 0 };
    if (shift > 0) throw scaleError('multiply-shift-floor', scale, 'below 2^15');
    return { multiplier, shift };
  },
  decode: ({ multiplier, shift }) => multiplier * 2 ** shift,
  requantize(accumulator, { multiplier, shift }, zeroPoint, clampMin, clampMax) {
    // The division by a power of two is exact unless it underflows, and the product is below 2^46.
    const value = Math.floor((accumulator * multiplier) / 2 ** -shift) + zeroPoint;
    return clampInteger(value, clampMin, clampMax);
  },
};
