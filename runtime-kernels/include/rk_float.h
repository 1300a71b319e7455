/*
 * The few float32 operations of the rules that scale in float: exact with IEEE 754 single precision, in hardware or emulated. Never
 * compile with -ffast-math, and always with -ffp-contract=off: a fused multiply-add rounds once where the runtimes round twice.
 */
#ifndef RK_FLOAT_H
#define RK_FLOAT_H

#include <stdint.h>

static inline float rk_float_from_bits(int32_t bits) {
    union {
        int32_t bits;
        float value;
    } word;
    word.bits = bits;
    return word.value;
}

static inline int32_t rk_bits_from_float(float value) {
    union {
        float value;
        int32_t bits;
    } word;
    word.value = value;
    return word.bits;
}

/*
 * Clamps to [low, high], |low|, |high| < 2^22, and rounds to the nearest integer, ties to even: at 1.5 * 2^23 a float32 has no
 * fraction bits, so the addition rounds, and the integer stands in the mantissa. NaN becomes low.
 */
static inline int32_t rk_round_half_even_clamped(float value, int32_t low, int32_t high) {
    const float lowest = (float)low;
    const float highest = (float)high;
    const float clamped = !(value > lowest) ? lowest : value > highest ? highest : value;
    return rk_bits_from_float(clamped + 12582912.0f) - 0x4B400000;
}

/* The same limits; floor(value + 0.5), the sum rounded to float32 as the runtimes do. NaN becomes low. */
static inline int32_t rk_round_half_up_clamped(float value, int32_t low, int32_t high) {
    const float lowest = (float)low;
    const float highest = (float)high;
    const float raised = (!(value > lowest) ? lowest : value > highest ? highest : value) + 0.5f;
    const int32_t truncated = (int32_t)raised;
    return truncated - (raised < (float)truncated);
}

#endif
