/**
 * gemmlowp's fixed-point functions on int32, as TFLite uses them: exponential of non-positive values, reciprocal, logistic, tanh. QI.F
 * means I integer bits; all results are Q0.31. Source: gemmlowp fixedpoint.h (algorithm re-expressed).
 */
import {
  clampInteger,
  roundingDivideByPowerOfTwo as divide,
  saturatingRoundingDoublingHighMul as multiply,
} from './rounding.ts';

export const int32Max = 2147483647;
const int32Min = -2147483648;

/** value * 2^bits, saturated to int32. */
function shiftSaturated(value: number, bits: number): number {
  return clampInteger(value * 2 ** bits, int32Min, int32Max);
}

/** exp(-2^k) in Q0.31 for k = -2..4. */
const exponentials = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242];

/** exp(value) in Q0.31 for value <= 0 in Q(integerBits).(31 - integerBits). */
export function expOnNegative(value: number, integerBits: number): number {
  if (value === 0) return int32Max;
  const fractionBits = 31 - integerBits;
  const quarter = 2 ** (fractionBits - 2);
  const modulo = (value & (quarter - 1)) - quarter;
  const x = shiftSaturated(modulo, integerBits) + 268435456;
  const x2 = multiply(x, x);
  const x3 = multiply(x2, x);
  const x4 = multiply(x2, x2);
  const tail = divide(multiply(divide(x4, 2) + x3, 715827883) + x2, 1);
  let result = 1895147668 + multiply(1895147668, x + tail);
  const remainder = (modulo - value) | 0;
  exponentials.forEach((factor, index) => {
    const bit = fractionBits + index - 2;
    if (integerBits > index - 2 && (remainder & (1 << bit)) !== 0) result = multiply(result, factor);
  });
  return result;
}

/** (a + b) / 2, ties away from zero. */
function halfSum(a: number, b: number): number {
  const sum = a + b;
  return Math.trunc((sum + (sum >= 0 ? 1 : -1)) / 2);
}

/** Newton's iteration for 1 / (1 + value), value in [0, 1) as Q0.31; the result is Q2.29. */
function reciprocalQ2(value: number): number {
  const half = halfSum(value, int32Max);
  let x = 1515870810 + multiply(half, -1010580540);
  for (let step = 0; step < 3; step++) {
    const correction = multiply(x, (1 << 29) - multiply(half, x));
    x += shiftSaturated(correction, 2);
  }
  return x;
}

/** 1 / (1 + value) in Q0.31, value in [0, 1) as Q0.31. */
export function oneOverOnePlus(value: number): number {
  return shiftSaturated(reciprocalQ2(value), 1);
}

/** Logistic function in Q0.31 of a Q(integerBits) value. */
export function logistic(value: number, integerBits: number): number {
  if (value === 0) return 2 ** 30;
  const positive = oneOverOnePlus(expOnNegative(value > 0 ? -value : value, integerBits));
  return value > 0 ? positive : int32Max - positive;
}

/** tanh in Q0.31 of a Q(integerBits) value: (1 - e) / (1 + e) with e = exp(-2|value|). */
export function tanh(value: number, integerBits: number): number {
  if (value === 0) return 0;
  const e = expOnNegative(-Math.abs(value), integerBits + 1);
  const magnitude = shiftSaturated(reciprocalQ2(e) - 2 ** 29, 2);
  return value > 0 ? magnitude : -magnitude;
}
