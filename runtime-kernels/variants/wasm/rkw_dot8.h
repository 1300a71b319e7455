/*
 * Dot products of bytes by relaxed SIMD. i32x4.relaxed_dot_i8x16_i7x16_add is defined for a second operand of 0..127 only; beyond that
 * an engine may read it as signed or unsigned, and may saturate pairs of products at 16 bits. The choice is fixed within an engine, so
 * a probe finds it: where it is exact for every byte, four products cost one instruction (AVX-VNNI, Arm dot product).
 */
#ifndef RKW_DOT8_H
#define RKW_DOT8_H

#include "rkw_tile.h"

typedef enum rkw_dot8_mode {
    RKW_DOT8_NONE,    /* not exact, or no relaxed SIMD in this build */
    RKW_DOT8_SIGNED,  /* exact with a signed second operand */
    RKW_DOT8_UNSIGNED /* exact with an unsigned one */
} rkw_dot8_mode;

/* Tries all pairs of bytes and many mixtures. */
rkw_dot8_mode rkw_dot8_probe(void);

/* As rkw_multiply_at and rkw_multiply_rows, on bytes; sums are shifted left by `factor_log2` at the end. */
void rkw_dot8_multiply_at(const uint8_t *base, const int32_t *offsets, int32_t rows, const uint8_t *weights,
                          const rkw_runs *runs, const int32_t *start, int32_t factor_log2, int32_t *sums);
void rkw_dot8_multiply_rows(const uint8_t *base, int32_t row_bytes, int32_t rows, const uint8_t *weights,
                            int32_t pairs, const int32_t *start, int32_t factor_log2, int32_t *sums);

#endif
