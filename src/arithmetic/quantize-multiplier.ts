/** TFLite's QuantizeMultiplier: a real scale as a 31-bit multiplier and a power of two, with the doubles of the reference. */
import { roundHalfAway } from './rounding.ts';
import type { EncodedScale } from './rule.ts';

const view = new DataView(new ArrayBuffer(8));

/** C `frexp` of a finite positive double: value = fraction * 2^exponent, fraction in [0.5, 1). */
export function splitExponent(value: number): { fraction: number; exponent: number } {
  if (value === 0) return { fraction: 0, exponent: 0 };
  view.setFloat64(0, value);
  let exponent = (view.getUint16(0) >> 4) & 0x7ff;
  if (exponent === 0) {
    // Subnormal: scaled into the normal range first, which is exact.
    const scaled = splitExponent(value * 2 ** 64);
    return { fraction: scaled.fraction, exponent: scaled.exponent - 64 };
  }
  view.setUint16(0, (view.getUint16(0) & 0x800f) | (1022 << 4));
  exponent -= 1022;
  return { fraction: view.getFloat64(0), exponent };
}

/**
 * scale = multiplier * 2^(shift - 31), multiplier in [2^30, 2^31) or 0. Scales below 2^-32 flush to (0, 0). With `singleRounding`
 * shifts above 30 saturate to (2^31 - 1, 30), as TFLITE_SINGLE_ROUNDING does. Source: TFLite quantization_util.cc.
 */
export function quantizeMultiplier(scale: number, singleRounding = false): EncodedScale {
  if (scale === 0) return { multiplier: 0, shift: 0 };
  const { fraction, exponent } = splitExponent(scale);
  let multiplier = roundHalfAway(fraction * 2147483648);
  let shift = exponent;
  if (multiplier === 2147483648) {
    multiplier = 1073741824;
    shift++;
  }
  if (shift < -31) return { multiplier: 0, shift: 0 };
  if (singleRounding && shift > 30) return { multiplier: 2147483647, shift: 30 };
  return { multiplier, shift };
}

/** The real scale of a pair made by `quantizeMultiplier`. */
export function decodeMultiplier(encoded: EncodedScale): number {
  return encoded.multiplier * 2 ** (encoded.shift - 31);
}
