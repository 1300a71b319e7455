/*
 * Products of narrow codes: activations of 4 bits (-8 to 7) as bytes 0 to 15, times int8 weights, four to a step. They are summed in
 * int16, so only filters whose weights prove that no sum leaves int16 qualify (rkw_filters.c). Needs the relaxed SIMD instruction
 * i16x8.relaxed_dot_i8x16_i7x16_s, whose result is fixed by its specification while the second operand stays below 128; the module built
 * without it has no narrow products.
 */
#ifndef RKW_NARROW_H
#define RKW_NARROW_H

#include "rkw_tile.h"

enum { RKW_NARROW_OFFSET = 8, RKW_NARROW_MAX = 15 };

/* Whether this module has them. */
int rkw_narrow_available(void);

/* Whether the engine's products are exact: all weights with all narrow codes, in every lane. 0 where there are none. */
int rkw_narrow_is_exact(void);

/* codes[count] + 8; 0 if one is not narrow. */
int rkw_copy_narrow(const int8_t *codes, int32_t count, uint8_t *bytes);

/* As rkw_multiply_at and rkw_multiply_rows. */
void rkw_narrow_at(const uint8_t *base, const int32_t *offsets, int32_t rows, const uint8_t *weights,
                   const rkw_runs *runs, const int32_t *start, int32_t *sums);
void rkw_narrow_rows(const uint8_t *base, int32_t row_bytes, int32_t rows, const uint8_t *weights, int32_t length,
                     const int32_t *start, int32_t *sums);

#endif
