/*
 * The inner loops of filters with the DSP extension: two columns of arranged int16 differences times two channels, added to sums
 * {channel a column 0, a 1, channel b 0, b 1}. `column_bytes` lie between the columns.
 */
#ifndef RK_DSP_SUMS_H
#define RK_DSP_SUMS_H

#include <stdint.h>

/* Groups of four int8 weights; columns arranged as (0,2) (1,3). */
void rk_dsp_sum_bytes(const int16_t *columns, int32_t column_bytes, const int8_t *a, const int8_t *b, int32_t groups,
                      int32_t *sums);

/* Groups of eight 4-bit weights, each counted 16 times; columns arranged as (0,4) (2,6) (1,5) (3,7). */
void rk_dsp_sum_nibbles(const int16_t *columns, int32_t column_bytes, const uint8_t *a, const uint8_t *b,
                        int32_t groups, int32_t *sums);

#endif
