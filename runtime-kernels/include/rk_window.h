/* Which taps of a sliding window lie inside the input: computed before the loops, so that inner loops never test for padding. */
#ifndef RK_WINDOW_H
#define RK_WINDOW_H

#include <stdint.h>

/* A sliding window over one axis. */
typedef struct rk_axis {
    int32_t input;
    int32_t output;
    int32_t kernel;
    int32_t stride;
    int32_t dilation;
    int32_t pad;
} rk_axis;

/* The axes of a window from the parameters that kernels name alike. */
#define RK_ROWS_OF(p)                                                                                        \
    {(p)->input_height,  (p)->output_height,   (p)->kernel_height,                                           \
     (p)->stride_height, (p)->dilation_height, (p)->pad_top}
#define RK_COLUMNS_OF(p)                                                                                     \
    {(p)->input_width,  (p)->output_width,   (p)->kernel_width,                                              \
     (p)->stride_width, (p)->dilation_width, (p)->pad_left}

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

/* The valid taps of one output position, channels-last: their numbers, and the elements between neighbours. */
typedef struct rk_window {
    int32_t first; /* element of channel 0 at the first valid tap; 0 where no tap is valid */
    int32_t rows;
    int32_t row_step;
    int32_t columns;
    int32_t column_step;
} rk_window;

static inline rk_window rk_window_at(const rk_axis *rows, int32_t out_y, const rk_axis *columns, int32_t out_x,
                                     int32_t channels) {
    const int32_t origin_y = out_y * rows->stride - rows->pad;
    const int32_t origin_x = out_x * columns->stride - columns->pad;
    const rk_span valid_y = rk_clip_window(origin_y, rows->kernel, rows->dilation, rows->input);
    const rk_span valid_x = rk_clip_window(origin_x, columns->kernel, columns->dilation, columns->input);
    rk_window window = {0, valid_y.last - valid_y.first, 0, valid_x.last - valid_x.first, 0};
    if (window.rows > 1) window.row_step = rows->dilation * columns->input * channels;
    if (window.columns > 1) window.column_step = columns->dilation * channels;
    if (window.rows > 0 && window.columns > 0) {
        const int32_t in_y = origin_y + valid_y.first * rows->dilation;
        const int32_t in_x = origin_x + valid_x.first * columns->dilation;
        window.first = (in_y * columns->input + in_x) * channels;
    }
    return window;
}

#endif
