/*
 * The instructions of the Armv7E-M and Armv8-M DSP extension that the kernels use: pairs of 16-bit values in a word, low half first.
 * Elsewhere the same in C, for tests on a host.
 */
#ifndef RK_DSP_H
#define RK_DSP_H

#include <stdint.h>

/* Four bytes at any address. */
static inline uint32_t rk_load_word(const void *address) {
    uint32_t word;
    __builtin_memcpy(&word, address, sizeof word);
    return word;
}

static inline void rk_store_word(void *address, uint32_t word) {
    __builtin_memcpy(address, &word, sizeof word);
}

#if defined(__ARM_FEATURE_DSP)

#include <arm_acle.h>

/* Bytes 0 and 2, sign-extended. */
static inline uint32_t rk_even_bytes(uint32_t word) {
    return (uint32_t)__sxtb16(word);
}

/* Bytes 1 and 3, sign-extended. */
static inline uint32_t rk_odd_bytes(uint32_t word) {
    uint32_t result;
    __asm("sxtb16 %0, %1, ror #8" : "=r"(result) : "r"(word));
    return result;
}

/* sum + a.low * b.low + a.high * b.high, wrapping. */
static inline int32_t rk_multiply_pairs(uint32_t a, uint32_t b, int32_t sum) {
    return __smlad((int16x2_t)a, (int16x2_t)b, sum);
}

/* sum + a.low * b.low */
static inline int32_t rk_multiply_low(uint32_t a, uint32_t b, int32_t sum) {
    return __smlabb((int32_t)a, (int32_t)b, sum);
}

/* sum + a.high * b.high */
static inline int32_t rk_multiply_high(uint32_t a, uint32_t b, int32_t sum) {
    return __smlatt((int32_t)a, (int32_t)b, sum);
}

/* Halves of a less halves of b. */
static inline uint32_t rk_subtract_pairs(uint32_t a, uint32_t b) {
    return (uint32_t)__ssub16((int16x2_t)a, (int16x2_t)b);
}

#else

static inline uint32_t rk_pair_of(int32_t low, int32_t high) {
    return ((uint32_t)low & 0xFFFFu) | (uint32_t)high << 16;
}

static inline int32_t rk_low_of(uint32_t pair) {
    return (int16_t)pair;
}

static inline int32_t rk_high_of(uint32_t pair) {
    return (int16_t)(pair >> 16);
}

static inline uint32_t rk_even_bytes(uint32_t word) {
    return rk_pair_of((int8_t)word, (int8_t)(word >> 16));
}

static inline uint32_t rk_odd_bytes(uint32_t word) {
    return rk_pair_of((int8_t)(word >> 8), (int8_t)(word >> 24));
}

static inline int32_t rk_multiply_low(uint32_t a, uint32_t b, int32_t sum) {
    return (int32_t)((uint32_t)sum + (uint32_t)(rk_low_of(a) * rk_low_of(b)));
}

static inline int32_t rk_multiply_high(uint32_t a, uint32_t b, int32_t sum) {
    return (int32_t)((uint32_t)sum + (uint32_t)(rk_high_of(a) * rk_high_of(b)));
}

static inline int32_t rk_multiply_pairs(uint32_t a, uint32_t b, int32_t sum) {
    return rk_multiply_high(a, b, rk_multiply_low(a, b, sum));
}

static inline uint32_t rk_subtract_pairs(uint32_t a, uint32_t b) {
    return rk_pair_of(rk_low_of(a) - rk_low_of(b), rk_high_of(a) - rk_high_of(b));
}

#endif

/* Low halves of two pairs, and high halves of two pairs. */
static inline uint32_t rk_low_halves(uint32_t a, uint32_t b) {
    return (a & 0xFFFFu) | b << 16;
}

static inline uint32_t rk_high_halves(uint32_t a, uint32_t b) {
    return a >> 16 | (b & 0xFFFF0000u);
}

#endif
