/*
 * All output channels of one or two positions: the common part of conv and fully-connected with pairs of 16-bit products. A column
 * holds the differences x - zeroPoint of one position as int16, arranged as the weights come out of a word.
 */
#ifndef RK_DSP_FILTERS_H
#define RK_DSP_FILTERS_H

#include "rk_requantize_run.h"

typedef struct rk_dsp_filters {
    const uint8_t *weights; /* [channels][size], 8 or 4 bits */
    const int32_t *bias;    /* or NULL */
    rk_run run;             /* along channels */
    int32_t weight_bits;
    int32_t size;
    int32_t channels;
} rk_dsp_filters;

/* 4-bit sums carry a factor of 16: filters up to this size cannot overflow by it. */
enum { RK_DSP_SIZE_MAX = 65535 };

/*
 * Filters of 4 bits and odd size start in a byte's middle every other time. They take two passes with columns laid out anew: pass 0
 * runs the even channels, pass 1 the odd ones. Others take one.
 */
int32_t rk_dsp_passes(const rk_dsp_filters *filters);

/* Arranges a column of `size` differences in their natural order for a pass. */
void rk_dsp_arrange(const rk_dsp_filters *filters, int32_t pass, int16_t *column);

/* Codes of one pass. `columns`: one column after the other, `positions` 1 or 2; `output`: the codes of position 0, then 1. */
void rk_dsp_run_filters(const rk_dsp_filters *filters, int32_t pass, const int16_t *columns, int32_t positions,
                        int8_t *output);

/* The differences of `count` codes. */
void rk_dsp_widen(const int8_t *codes, int32_t count, int32_t zero_point, int16_t *differences);

#endif
