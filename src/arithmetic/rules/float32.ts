/**
 * ONNX Runtime's epilogue: v = f32(f32(accumulator) * scale), clamped, rounded half to even, then the zero point added.
 * `multiplier` holds the bit pattern of the float32 scale; `shift` is 0.
 */
import { requireScale, scaleError } from '../encodable-scale.ts';
import { bitsFromFloat, clampInteger, floatFromBits, roundHalfEven } from '../rounding.ts';
import type { RequantizeRule } from '../rule.ts';

export const rule: RequantizeRule = {
  id: 'float32',
  code: 3,
  encode(scale) {
    requireScale('float32', scale);
    const single = Math.fround(scale);
    // A subnormal scale would depend on the flush-to-zero mode of the machine.
    if (single !== 0 && (single < 2 ** -126 || !Number.isFinite(single))) {
      throw scaleError('float32', scale, 'a normal float32');
    }
    return { multiplier: bitsFromFloat(single), shift: 0 };
  },
  decode: (encoded) => floatFromBits(encoded.multiplier),
  requantize(accumulator, { multiplier }, zeroPoint, clampMin, clampMax) {
    const value = Math.fround(Math.fround(accumulator) * floatFromBits(multiplier));
    const low = clampMin - zeroPoint;
    const high = clampMax - zeroPoint;
    return (roundHalfEven(clampInteger(value, low, high)) + zeroPoint) | 0;
  },
};
