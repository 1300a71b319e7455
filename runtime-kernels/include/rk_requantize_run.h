/*
 * The epilogue of the fast variants: a run of sums becomes codes. The switch over all rules inlined into a loop spills registers; so
 * the common case, double roundings to the right, has a loop of its own (rk_requantize_right.c, which a variant may replace), and the
 * rest calls rk_requantize. Equal to rk_requantize on 32-bit accumulators.
 */
#ifndef RK_REQUANTIZE_RUN_H
#define RK_REQUANTIZE_RUN_H

#include "rk_requantize.h"

/* For functions whose loops need all registers. */
#define RK_NOINLINE __attribute__((noinline))

/* Where a run finds its scales and puts its codes; assembly reads the first seven words in this order. */
typedef struct rk_run {
    const int32_t *multiplier;
    const int32_t *shift;
    int32_t word_step; /* bytes between the words of neighbours: 4 along channels, 0 within one */
    int32_t zero_point;
    int32_t clamp_min;
    int32_t clamp_max;
    int32_t output_step; /* bytes between neighbouring codes */
    const rk_epilogue *epilogue;
    int32_t all_right; /* rule double, and every shift negative */
} rk_run;

/* A run over the channels of one position, from channel 0. Checks all shifts: make one per operation. */
rk_run rk_run_along_channels(const rk_epilogue *epilogue, const rk_scales *scales, int32_t channels);

/* From a run along channels, the run over positions of one channel. */
rk_run rk_run_in_channel(const rk_run *along, int32_t channel, int32_t output_step);

/* From a run along channels, the run over every `lanes`th channel from `lane` on. */
rk_run rk_run_of_lane(const rk_run *along, int32_t lane, int32_t lanes);

/* The rest of a run, from a place on. */
rk_run rk_run_from(const rk_run *run, int32_t place);

/* sums[0], sums[2], sums[4], ... to `count` codes, at least one, with the scales from the run's start. */
void rk_requantize_run(const rk_run *run, const int32_t *sums, int32_t count, int8_t *output);

/* The part for runs that are all_right; reads the words of the run alone. */
void rk_requantize_right(const rk_run *run, const int32_t *sums, int32_t count, int8_t *output);

#endif
