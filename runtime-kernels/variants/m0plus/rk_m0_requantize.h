/*
 * The epilogue for Cortex-M0+: a run of sums becomes codes. With 64-bit products emulated and eight registers, the switch over all
 * rules inlined into a loop spills; so the common case, double roundings to the right, has a loop of its own (54 cycles a code), and
 * the rest calls rk_requantize. Equal to rk_requantize on 32-bit accumulators.
 */
#ifndef RK_M0_REQUANTIZE_H
#define RK_M0_REQUANTIZE_H

#include "rk_requantize.h"

/* For functions whose loops need all registers. */
#define RK_NOINLINE __attribute__((noinline))

/* Where a run finds its scales and puts its codes; the assembly reads the first seven words in this order. */
typedef struct rk_m0_run {
    const int32_t *multiplier;
    const int32_t *shift;
    int32_t word_step; /* bytes between the words of neighbours: 4 along channels, 0 within one */
    int32_t zero_point;
    int32_t clamp_min;
    int32_t clamp_max;
    int32_t output_step; /* bytes between neighbouring codes */
    const rk_epilogue *epilogue;
    int32_t all_right; /* rule double, and every shift negative */
} rk_m0_run;

/* A run over the channels of one position, from channel 0. Checks all shifts: make one per operation. */
rk_m0_run rk_m0_run_along_channels(const rk_epilogue *epilogue, const rk_scales *scales, int32_t channels);

/* From a run along channels, the run over positions of one channel. */
rk_m0_run rk_m0_run_in_channel(const rk_m0_run *along, int32_t channel, int32_t output_step);

/* sums[0], sums[2], sums[4], ... to `count` codes, at least one; `first` is the channel of the first one along channels. */
void rk_m0_requantize(const rk_m0_run *run, int32_t first, const int32_t *sums, int32_t count, int8_t *output);

#endif
