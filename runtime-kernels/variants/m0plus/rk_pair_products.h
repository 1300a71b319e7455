/*
 * Inner products for cores with a 32-bit product and nothing wider (Cortex-M0+): two output positions side by side in one word per
 * tap. With x0 and x1 the differences x - zeroPoint of the two, a pair word keeps them in its halves, and a sum word is
 * x1 * 2^16 + x0, so that one product multiplies both. All functions add to sums {channel a position 0, a 1, channel b 0, b 1}.
 * In assembly for Armv6-M, in C with the same results elsewhere.
 */
#ifndef RK_PAIR_PRODUCTS_H
#define RK_PAIR_PRODUCTS_H

#include "rk_rounding.h"

/* `count` int8 weights of channels a and b on pair words; count >= 1. */
void rk_pair_products_bytes(const uint32_t *pairs, const int8_t *a, const int8_t *b, int32_t count, int32_t *sums);

/*
 * `bytes` bytes of 4-bit weights, low nibble first, of channels a and b on sum words; bytes >= 1. Sixteen products of at most
 * 8 * 255 stay below 2^15, so the halves of their sum can be told apart.
 */
void rk_pair_products_nibbles(const uint32_t *words, const uint8_t *a, const uint8_t *b, int32_t bytes, int32_t *sums);

/* Adds the halves of a sum of at most 16 such products. */
static inline void rk_split_pair_sum(uint32_t sum, int32_t *sums) {
    const int32_t position0 = (int16_t)sum;
    sums[0] = rk_wrapping_add(sums[0], position0);
    sums[1] = rk_wrapping_add(sums[1], (int32_t)(sum - (uint32_t)position0) >> 16);
}

/* A pair word as a sum word: a negative low half borrows from the high one. */
static inline uint32_t rk_sum_word(uint32_t pair) {
    return pair - ((pair & 0x8000u) << 1);
}

#endif
