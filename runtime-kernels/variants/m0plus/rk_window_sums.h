/* Sums over 3 x 3 windows of one channel for Cortex-M0+, in assembly for Armv6-M and in C with the same results elsewhere. */
#ifndef RK_WINDOW_SUMS_H
#define RK_WINDOW_SUMS_H

#include <stdint.h>

/*
 * How to run over such windows. A window that is cut by the border keeps its nine taps: the weights outside are 0, and their taps read
 * a neighbour inside. Steps are bytes of the input: between columns 0, 1 and 2; from a row's last column to the next row's first; from
 * the last tap to the first one of the next window, in whatever direction windows follow each other.
 */
typedef struct rk_window_3x3 {
    int32_t weights[9];
    int32_t start; /* bias less zero point times weights */
    int32_t column_steps[2];
    int32_t row_steps[2];
    int32_t next_step;
} rk_window_3x3;

/* To sums[0], sums[2], ... `count` sums, at least one; `input` is the first tap of the first window. */
void rk_window_sums_3x3(const int8_t *input, const rk_window_3x3 *window, int32_t count, int32_t *sums);

#endif
