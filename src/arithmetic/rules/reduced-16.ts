/**
 * TFLite's int16x8 requantization of a 64-bit accumulator: the multiplier is reduced to 15 bits, one rounding, ties toward plus
 * infinity. The stored multiplier is the full 31-bit one; the kernel reduces it.
 */
import { requireScale, scaleError } from '../encodable-scale.ts';
import { quantizeMultiplier } from '../quantize-multiplier.ts';
import { clampInteger, multiplyShiftHalfUp } from '../rounding.ts';
import type { RequantizeRule } from '../rule.ts';

/** The 15-bit multiplier that the runtime derives from a 31-bit one. */
export function reduceMultiplier(multiplier: number): number {
  return multiplier < 0x7fff0000 ? (multiplier + 0x8000) >> 16 : 0x7fff;
}

export const rule: RequantizeRule = {
  id: 'reduced-16',
  code: 7,
  encode(scale) {
    requireScale('reduced-16', scale);
    const encoded = quantizeMultiplier(scale);
    if (encoded.shift > 7) throw scaleError('reduced-16', scale, 'below 2^7');
    return encoded;
  },
  decode: ({ multiplier, shift }) => reduceMultiplier(multiplier) * 2 ** (shift - 15),
  requantize(accumulator, { multiplier, shift }, zeroPoint, clampMin, clampMax) {
    const scaled = multiplyShiftHalfUp(accumulator, reduceMultiplier(multiplier), 15 - shift);
    const value = (scaled + zeroPoint) | 0;
    return clampInteger(value, clampMin, clampMax);
  },
};
