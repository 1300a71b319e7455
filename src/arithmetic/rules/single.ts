/** TFLite's single rounding (ruy, TFLITE_SINGLE_ROUNDING): a 64-bit product shifted once, ties toward plus infinity. */
import { requireScale } from '../encodable-scale.ts';
import { decodeMultiplier, quantizeMultiplier } from '../quantize-multiplier.ts';
import { clampInteger, multiplyShiftHalfUp } from '../rounding.ts';
import type { RequantizeRule } from '../rule.ts';

export const rule: RequantizeRule = {
  id: 'single',
  code: 2,
  encode(scale) {
    requireScale('single', scale);
    return quantizeMultiplier(scale, true);
  },
  decode: decodeMultiplier,
  requantize(accumulator, { multiplier, shift }, zeroPoint, clampMin, clampMax) {
    const value = (multiplyShiftHalfUp(accumulator, multiplier, 31 - shift) + zeroPoint) | 0;
    return clampInteger(value, clampMin, clampMax);
  },
};
