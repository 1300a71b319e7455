/*
 * The inner loops of filters with the vector extension of Armv8.1-M (Cortex-M55), for the same arrangement of columns as the DSP
 * instructions want (rk_dsp_sums.h): eight products an instruction, weights gathered in the columns' order.
 */
#include "rk_dsp_sums.h"

#if defined(__ARM_FEATURE_MVE)

#include <arm_mve.h>

static const uint16_t byte_order[8] = {0, 2, 1, 3, 4, 6, 5, 7};
static const uint16_t nibble_order[8] = {0, 2, 1, 3, 0, 2, 1, 3};
static const int16_t nibble_shifts[8] = {12, 12, 12, 12, 8, 8, 8, 8};

/* 8 instructions for 32 products; the last group of four goes with half the lanes. */
void rk_dsp_sum_bytes(const int16_t *columns, int32_t column_bytes, const int8_t *a, const int8_t *b, int32_t groups,
                      int32_t *sums) {
    const uint16x8_t order = vldrhq_u16(byte_order);
    const int16_t *second = columns + column_bytes / 2;
    int32_t a0 = sums[0], a1 = sums[1], b0 = sums[2], b1 = sums[3];
    for (int32_t taps = 4 * groups; taps > 0; taps -= 8) {
        const mve_pred16_t lanes = vctp16q((uint32_t)taps);
        const int16x8_t weights_a = vldrbq_gather_offset_z_s16(a, order, lanes);
        const int16x8_t weights_b = vldrbq_gather_offset_z_s16(b, order, lanes);
        const int16x8_t x = vldrhq_z_s16(columns, lanes);
        const int16x8_t y = vldrhq_z_s16(second, lanes);
        a0 = vmladavaq_s16(a0, weights_a, x);
        a1 = vmladavaq_s16(a1, weights_a, y);
        b0 = vmladavaq_s16(b0, weights_b, x);
        b1 = vmladavaq_s16(b1, weights_b, y);
        a += 8, b += 8, columns += 8, second += 8;
    }
    sums[0] = a0, sums[1] = a1, sums[2] = b0, sums[3] = b1;
}

/* Four bytes as eight weights, times 16, in the columns' order: the nibble is moved to the top, then down to bit 4. */
static inline int16x8_t unpack(const uint8_t *weights, uint16x8_t order, int16x8_t shifts, int16x8_t top) {
    const int16x8_t bytes = vldrbq_gather_offset_s16((const int8_t *)weights, order);
    return vshrq_n_s16(vandq_s16(vshlq_s16(bytes, shifts), top), 8);
}

void rk_dsp_sum_nibbles(const int16_t *columns, int32_t column_bytes, const uint8_t *a, const uint8_t *b,
                        int32_t groups, int32_t *sums) {
    const uint16x8_t order = vldrhq_u16(nibble_order);
    const int16x8_t shifts = vldrhq_s16(nibble_shifts);
    const int16x8_t top = vdupq_n_s16((int16_t)0xF000);
    const int16_t *second = columns + column_bytes / 2;
    int32_t a0 = sums[0], a1 = sums[1], b0 = sums[2], b1 = sums[3];
    for (; groups > 0; groups--) {
        const int16x8_t weights_a = unpack(a, order, shifts, top);
        const int16x8_t weights_b = unpack(b, order, shifts, top);
        const int16x8_t x = vldrhq_s16(columns);
        const int16x8_t y = vldrhq_s16(second);
        a0 = vmladavaq_s16(a0, weights_a, x);
        a1 = vmladavaq_s16(a1, weights_a, y);
        b0 = vmladavaq_s16(b0, weights_b, x);
        b1 = vmladavaq_s16(b1, weights_b, y);
        a += 4, b += 4, columns += 8, second += 8;
    }
    sums[0] = a0, sums[1] = a1, sums[2] = b0, sums[3] = b1;
}

#endif
