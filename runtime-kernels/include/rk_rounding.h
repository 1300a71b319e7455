/*
 * Rounding primitives of the runtimes. Right shifts of negative numbers are arithmetic (all supported compilers); sums that a runtime
 * lets wrap are computed unsigned, so that no input is undefined behaviour. Reference: src/arithmetic/rounding.ts.
 */
#ifndef RK_ROUNDING_H
#define RK_ROUNDING_H

#include <stdint.h>

static inline int32_t rk_min(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static inline int32_t rk_clamp(int32_t value, int32_t low, int32_t high) {
    return value < low ? low : value > high ? high : value;
}

static inline int32_t rk_wrapping_add(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t rk_wrapping_subtract(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a - (uint32_t)b);
}

static inline int32_t rk_wrapping_shift_left(int32_t value, int32_t shift) {
    return (int32_t)((uint32_t)value << shift);
}

#if defined(__ARM_ARCH_6M__)
/* (a * b + 2^30) >> 31 for cores without a 64-bit product: four 16-bit products; what is dropped cannot change a floor. */
static inline int32_t rk_rounded_high_product(int32_t a, int32_t b) {
    const int32_t a_high = a >> 16;
    const int32_t b_high = b >> 16;
    const uint32_t a_low = (uint32_t)a & 0xFFFFu;
    const uint32_t b_low = (uint32_t)b & 0xFFFFu;
    const int32_t cross1 = a_high * (int32_t)b_low;
    const int32_t cross2 = (int32_t)a_low * b_high;
    const uint32_t low = (a_low * b_low >> 16) + (1u << 14);
    const int32_t rest = (cross1 & 0x7FFF) + (cross2 & 0x7FFF) + (int32_t)(low & 0x7FFFu);
    const int32_t carried = (cross1 >> 15) + (cross2 >> 15) + (int32_t)(low >> 15) + (rest >> 15);
    return (int32_t)(2u * (uint32_t)(a_high * b_high) + (uint32_t)carried);
}
#else
static inline int32_t rk_rounded_high_product(int32_t a, int32_t b) {
    return (int32_t)(((int64_t)a * b + (1 << 30)) >> 31);
}
#endif

/* gemmlowp's SaturatingRoundingDoublingHighMul (VQRDMULH): ties toward plus infinity. */
static inline int32_t rk_doubling_high_multiply(int32_t a, int32_t b) {
    if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
    return rk_rounded_high_product(a, b);
}

/* gemmlowp's RoundingDivideByPOT: exponent 0..31, ties away from zero. */
static inline int32_t rk_rounding_divide(int32_t value, int32_t exponent) {
    const int32_t mask = (int32_t)((1u << exponent) - 1u);
    const int32_t remainder = value & mask;
    const int32_t threshold = (int32_t)((uint32_t)mask >> 1) + (value < 0);
    return (value >> exponent) + (remainder > threshold);
}

/* TFLite's MultiplyByQuantizedMultiplier with two roundings: shift -31..30, the left shift wraps. */
static inline int32_t rk_multiply_double_rounding(int32_t value, int32_t multiplier, int32_t shift) {
    if (shift > 0) return rk_doubling_high_multiply(rk_wrapping_shift_left(value, shift), multiplier);
    return rk_rounding_divide(rk_doubling_high_multiply(value, multiplier), -shift);
}

/* The same with one rounding, ties toward plus infinity: multiplier >= 0, shift -31..30; the result wraps to 32 bits. */
static inline int32_t rk_multiply_single_rounding(int32_t value, int32_t multiplier, int32_t shift) {
    const int32_t right = 31 - shift;
    return (int32_t)(((int64_t)value * multiplier + ((int64_t)1 << (right - 1))) >> right);
}

/* TFLite's 64-bit accumulator with a multiplier reduced to 15 bits: |value| < 2^47, shift -31..7. */
static inline int32_t rk_multiply_reduced_16(int64_t value, int32_t multiplier, int32_t shift) {
    const int32_t reduced = multiplier < 0x7FFF0000 ? (multiplier + 0x8000) >> 16 : 0x7FFF;
    const int32_t right = 15 - shift;
    const uint64_t product = (uint64_t)value * (uint64_t)reduced + ((uint64_t)1 << (right - 1));
    return (int32_t)((int64_t)product >> right);
}

static inline int32_t rk_saturate(int64_t value) {
    return value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : (int32_t)value;
}

/* value * 2^shift, shift 0..31, saturated to 32 bits. */
static inline int32_t rk_saturating_shift_left(int64_t value, int32_t shift) {
    if (value > INT32_MAX >> shift) return INT32_MAX;
    if (value < INT32_MIN >> shift) return INT32_MIN;
    return rk_wrapping_shift_left((int32_t)value, shift);
}

/* value / 2^shift, shift 1..62, ties toward plus infinity. */
static inline int64_t rk_shift_half_up(int64_t value, int32_t shift) {
    return (value >> shift) + ((value >> (shift - 1)) & 1);
}

/* value / 2^shift, shift 1..62, ties to even. */
static inline int64_t rk_shift_half_even(int64_t value, int32_t shift) {
    const int64_t quotient = value >> shift;
    const int64_t remainder = value & (((int64_t)1 << shift) - 1);
    const int64_t half = (int64_t)1 << (shift - 1);
    return quotient + (remainder > half || (remainder == half && (quotient & 1)));
}

/* sum / count, ties away from zero. */
static inline int32_t rk_divide_half_away(int32_t sum, int32_t count) {
    return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

static inline int32_t rk_divide_floor(int32_t sum, int32_t count) {
    const int32_t quotient = sum / count;
    return quotient - (quotient * count > sum);
}

#endif
