/* All output channels of two positions that are laid out side by side: the common part of conv and fully-connected for Cortex-M0+. */
#ifndef RK_M0_FILTERS_H
#define RK_M0_FILTERS_H

#include "rk_requantize_run.h"

typedef struct rk_m0_filters {
    const uint8_t *weights; /* [channels][size], 8 or 4 bits */
    const int32_t *bias;    /* or NULL */
    rk_run run;          /* along channels */
    int32_t weight_bits;
    int32_t size;
    int32_t channels;
} rk_m0_filters;

/*
 * `pairs`: one pair word per weight of a filter (rk_pair_products.h), changed here. `output`: the codes of position 0, those of
 * position 1 follow; `positions` is 2, or 1 where the second half is to be dropped.
 */
void rk_m0_run_filters(const rk_m0_filters *filters, uint32_t *pairs, int8_t *output, int32_t positions);

#endif
