/**
 * Rounding primitives of the runtimes, on exact integers held in doubles. None needs BigInt: products are split so that every partial
 * result stays below 2^53.
 */

const two32 = 4294967296;

/** Nearest integer, ties to even. Exact for |value| < 2^51. */
export function roundHalfEven(value: number): number {
  return value + 6755399441055744 - 6755399441055744;
}

/** Nearest integer, ties away from zero (C `round`). */
export function roundHalfAway(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}

/** Nearest integer, ties toward plus infinity. */
export function roundHalfUp(value: number): number {
  const whole = Math.floor(value);
  return value - whole >= 0.5 ? whole + 1 : whole;
}

/** `value` within [low, high]; never -0 for integers. */
export function clampInteger(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high) + 0;
}

/** gemmlowp's SaturatingRoundingDoublingHighMul (VQRDMULH): (a * b + 2^30) >> 31, int32 operands, ties toward plus infinity. */
export function saturatingRoundingDoublingHighMul(a: number, b: number): number {
  const low = Math.floor(((a & 0xffff) * b + 1073741824) / 65536);
  const product = Math.floor(((a >> 16) * b + low) / 32768);
  return Math.min(product, 2147483647);
}

/** gemmlowp's RoundingDivideByPOT: int32 / 2^exponent, exponent 0..31, ties away from zero. */
export function roundingDivideByPowerOfTwo(value: number, exponent: number): number {
  const divisor = 2 ** exponent;
  const half = exponent === 0 ? 0 : divisor / 2;
  return (value >= 0 ? Math.floor((value + half) / divisor) : -Math.floor((half - value) / divisor)) | 0;
}

/** TFLite's MultiplyByQuantizedMultiplier with two roundings; the left shift (shift > 0) wraps. int32 in and out. */
export function multiplyDoubleRounding(value: number, multiplier: number, shift: number): number {
  if (shift > 0) return saturatingRoundingDoublingHighMul(value << shift, multiplier);
  return roundingDivideByPowerOfTwo(saturatingRoundingDoublingHighMul(value, multiplier), -shift);
}

/**
 * (value * multiplier + 2^(rightShift - 1)) >> rightShift, wrapped to int32: one rounding, ties toward plus infinity.
 * |value| < 2^47, multiplier in [0, 2^31) with |value * multiplier| < 2^62, rightShift 1..62.
 */
export function multiplyShiftHalfUp(value: number, multiplier: number, rightShift: number): number {
  const high = Math.floor(value / 65536) * multiplier;
  const low = (value - Math.floor(value / 65536) * 65536) * multiplier;
  if (rightShift >= 17) {
    return Math.floor((high + Math.floor(low / 65536) + 2 ** (rightShift - 17)) / 2 ** (rightShift - 16)) | 0;
  }
  const lowPart = Math.floor((low + 2 ** (rightShift - 1)) / 2 ** rightShift);
  return ((high % two32) * 2 ** (16 - rightShift) + lowPart) | 0;
}

const floatScratch = new Float32Array(1);
const bitScratch = new Int32Array(floatScratch.buffer);

/** The float32 whose IEEE 754 bit pattern is `bits`. */
export function floatFromBits(bits: number): number {
  bitScratch[0] = bits;
  return floatScratch[0];
}

/** IEEE 754 bit pattern of f32(value), as an int32 word. */
export function bitsFromFloat(value: number): number {
  floatScratch[0] = value;
  return bitScratch[0];
}
