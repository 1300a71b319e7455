/* What conv, depthwise-conv and conv-transpose check alike. */
#ifndef RK_CHECK_FILTER_H
#define RK_CHECK_FILTER_H

#include "rk_check.h"

typedef struct rk_filter {
    rk_axis rows;
    rk_axis columns;
    int32_t input_channels;
    int32_t output_channels;
    int32_t filter_size; /* weights of one output channel; 0 where it does not fit int32 */
    int32_t weight_bits;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t clamp_min;
    int32_t clamp_max;
    int32_t channel_step;
    uint32_t weights;
    uint32_t bias;
    uint32_t multiplier;
    uint32_t shift;
} rk_filter;

/* Fills an rk_filter from the parameters that the three kernels name alike. */
#define RK_FILTER_OF(p, size)                                                                                \
    {RK_ROWS_OF(p),          RK_COLUMNS_OF(p),       (p)->input_channels, (p)->output_channels,              \
     (size),                 (p)->weight_bits,       (p)->input_zero_point, (p)->output_zero_point,          \
     (p)->clamp_min,         (p)->clamp_max,         (p)->channel_step,   (p)->weights,                      \
     (p)->bias,              (p)->multiplier,        (p)->shift}

rk_status rk_check_filter(const rk_check *check, const rk_filter *filter);

#endif
