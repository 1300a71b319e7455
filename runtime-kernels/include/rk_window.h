/* Which taps of a sliding window lie inside the input: computed before the loops, so that inner loops never test for padding. */
#ifndef RK_WINDOW_H
#define RK_WINDOW_H

#include <stdint.h>

/* Taps [first, last) of the kernel; empty where first == last. */
typedef struct rk_span {
    int32_t first;
    int32_t last;
} rk_span;

static inline int32_t rk_ceil_divide(int32_t value, int32_t divisor) {
    if (value <= 0) return 0;
    return divisor == 1 ? value : (value + divisor - 1) / divisor;
}

/* The taps of a window whose tap 0 lies at `origin` (negative in the padding) of an axis of `size` entries. */
static inline rk_span rk_clip_window(int32_t origin, int32_t kernel, int32_t dilation, int32_t size) {
    rk_span span;
    const int32_t end = rk_ceil_divide(size - origin, dilation);
    span.last = end < kernel ? end : kernel;
    span.first = rk_ceil_divide(-origin, dilation);
    if (span.first > span.last) span.first = span.last;
    return span;
}

#endif
