/** gemmlowp's double rounding (TFLM, CMSIS-NN): a doubling high multiply that rounds up at ties, then a division that rounds away from zero. */
import { requireScale, scaleError } from '../encodable-scale.ts';
import { decodeMultiplier, quantizeMultiplier } from '../quantize-multiplier.ts';
import { clampInteger, multiplyDoubleRounding } from '../rounding.ts';
import type { RequantizeRule } from '../rule.ts';

export const rule: RequantizeRule = {
  id: 'double',
  code: 1,
  encode(scale) {
    requireScale('double', scale);
    const encoded = quantizeMultiplier(scale);
    if (encoded.shift > 30) throw scaleError('double', scale, 'below 2^30');
    return encoded;
  },
  decode: decodeMultiplier,
  requantize(accumulator, { multiplier, shift }, zeroPoint, clampMin, clampMax) {
    const value = (multiplyDoubleRounding(accumulator, multiplier, shift) + zeroPoint) | 0;
    return clampInteger(value, clampMin, clampMax);
  },
};
