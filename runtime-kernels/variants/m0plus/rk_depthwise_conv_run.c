/*
 * Depthwise convolution for Cortex-M0+: int8 activations, 3 x 3 windows, one output per input channel, no dilation; the rest goes to
 * the portable kernel. One channel at a time, along the longer side of the output ("run") for each place on the other ("cross"):
 * windows that are cut alike share one description (rk_window_sums.h). Scratch: the filter, one byte per tap.
 */
#include "rk_requantize_run.h"
#include "rk_parameters.h"
#include "rk_portable.h"
#include "rk_weights.h"
#include "rk_window.h"
#include "rk_window_sums.h"

enum { SUMS_AT_ONCE = 16 };

/* One side of the image; steps in bytes. */
typedef struct side {
    rk_axis axis;
    int32_t input_step;
    int32_t output_step;
} side;

/* What is the same for one operation, but for the channel's part at its end. */
typedef struct work {
    side run;
    side cross;
    int32_t run_is_rows;
    int32_t complete_first; /* outputs of the run with complete windows: [first, end) */
    int32_t complete_end;
    int32_t zero_point;
    rk_run along_channels;
    const int8_t *filter;
    int32_t bias;
    rk_run in_channel;
} work;

/* The last description of complete windows, and of windows cut at either end of the run, for the next place on the other side. */
typedef struct described {
    rk_span run;
    rk_span cross;
    rk_window_3x3 window;
} described;

static int same(rk_span a, rk_span b) {
    return a.first == b.first && a.last == b.last;
}

/* Steps between three taps of which [first, last) are real: none into or out of the others. */
static void steps_of(rk_span valid, int32_t step, int32_t *steps) {
    steps[0] = valid.first == 0 && valid.last > 1 ? step : 0;
    steps[1] = valid.first <= 1 && valid.last == 3 ? step : 0;
}

static RK_NOINLINE void describe(const work *w, rk_span run, rk_span cross, described *d) {
    const rk_span rows = w->run_is_rows ? run : cross;
    const rk_span columns = w->run_is_rows ? cross : run;
    rk_window_3x3 *window = &d->window;
    int32_t total = 0;
    int32_t tap = 0;
    for (int32_t row = 0; row < 3; row++) {
        for (int32_t column = 0; column < 3; column++, tap++) {
            const int valid = row >= rows.first && row < rows.last && column >= columns.first && column < columns.last;
            window->weights[tap] = valid ? w->filter[tap] : 0;
            total += window->weights[tap];
        }
    }
    window->start = rk_wrapping_subtract(w->bias, w->zero_point * total);
    steps_of(columns, (w->run_is_rows ? &w->cross : &w->run)->input_step, window->column_steps);
    steps_of(rows, (w->run_is_rows ? &w->run : &w->cross)->input_step, window->row_steps);
    const int32_t across = window->column_steps[0] + window->column_steps[1];
    const int32_t down = window->row_steps[0] + window->row_steps[1];
    window->row_steps[0] -= across;
    window->row_steps[1] -= across;
    window->next_step = w->run.axis.stride * w->run.input_step - across - down;
    d->run = run;
    d->cross = cross;
}

/* `count` windows alike; `input` is the first valid tap of the first one. */
static RK_NOINLINE void run_windows(const work *w, const rk_window_3x3 *window, const int8_t *input, int32_t count,
                                    int8_t *output) {
    int32_t sums[2 * SUMS_AT_ONCE];
    while (count > 0) {
        const int32_t some = rk_min(count, SUMS_AT_ONCE);
        rk_window_sums_3x3(input, window, some, sums);
        rk_requantize_run(&w->in_channel, sums, some, output);
        input += some * w->run.axis.stride * w->run.input_step;
        output += some * w->run.output_step;
        count -= some;
    }
}

/* All outputs at one place of the other side, whose valid taps are `cross`; `input` is the first of those, at 0 of the run. */
static void convolve_run(const work *w, rk_span cross, const int8_t *input, int8_t *output, described *kept) {
    const rk_axis *axis = &w->run.axis;
    for (int32_t out = 0; out < axis->output;) {
        const int complete = out >= w->complete_first && out < w->complete_end;
        const int32_t count = complete ? w->complete_end - out : 1;
        const int32_t origin = out * axis->stride - axis->pad;
        const rk_span run = rk_clip_window(origin, 3, 1, axis->input);
        described *d = &kept[complete ? 0 : origin < 0 ? 1 : 2];
        if (!same(d->run, run) || !same(d->cross, cross)) describe(w, run, cross, d);
        /* A window without a valid tap reads anything: all its weights are 0. */
        const int32_t first = run.first < run.last ? origin + run.first : 0;
        run_windows(w, &d->window, input + first * w->run.input_step, count, output + out * w->run.output_step);
        out += count;
    }
}

static void convolve_channel(const work *w, const int8_t *input, int8_t *output) {
    const rk_axis *axis = &w->cross.axis;
    const rk_span unknown = {-1, -1};
    described kept[3];
    for (int32_t kind = 0; kind < 3; kind++) kept[kind].run = unknown;
    for (int32_t out = 0; out < axis->output; out++) {
        const int32_t origin = out * axis->stride - axis->pad;
        const rk_span cross = rk_clip_window(origin, 3, 1, axis->input);
        const int32_t first = cross.first < cross.last ? origin + cross.first : 0;
        convolve_run(w, cross, input + first * w->cross.input_step, output + out * w->cross.output_step, kept);
    }
}

static work work_of(const rk_depthwise_conv_parameters *p, const rk_epilogue *epilogue, const rk_scales *scales) {
    const int32_t channels = p->output_channels;
    const side rows = {RK_ROWS_OF(p), p->input_width * channels, p->output_width * channels};
    const side columns = {RK_COLUMNS_OF(p), channels, channels};
    work w;
    w.run_is_rows = p->output_height > p->output_width;
    w.run = w.run_is_rows ? rows : columns;
    w.cross = w.run_is_rows ? columns : rows;
    const rk_axis *axis = &w.run.axis;
    const int32_t last_origin = axis->input - 3 + axis->pad;
    w.complete_first = (axis->pad + axis->stride - 1) / axis->stride;
    w.complete_end = last_origin < 0 ? 0 : rk_min(last_origin / axis->stride + 1, axis->output);
    w.zero_point = p->input_zero_point;
    w.along_channels = rk_run_along_channels(epilogue, scales, channels);
    return w;
}

static void convolve(const rk_call *call) {
    const rk_depthwise_conv_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const rk_scales scales = rk_scales_of(call, p->multiplier, p->shift, p->channel_step);
    const uint8_t *weights = rk_constant(call, p->weights);
    const int32_t *bias = rk_constant(call, p->bias);
    int8_t *filter = call->scratch;
    work w = work_of(p, &epilogue, &scales);
    w.filter = filter;
    for (int32_t channel = 0; channel < p->output_channels; channel++) {
        for (int32_t tap = 0; tap < 9; tap++) {
            filter[tap] = rk_weight_at(weights, p->weight_bits, tap * p->output_channels + channel);
        }
        w.bias = bias == NULL ? 0 : bias[channel];
        w.in_channel = rk_run_in_channel(&w.along_channels, channel, w.run.output_step);
        convolve_channel(&w, (const int8_t *)call->inputs[0] + channel, (int8_t *)call->output + channel);
    }
}

rk_status rk_run_depthwise_conv(const rk_call *call);

rk_status rk_run_depthwise_conv(const rk_call *call) {
    const rk_depthwise_conv_parameters *p = call->parameters;
    if (call->operation->dtype != RK_DTYPE_INT8 || p->channel_multiplier != 1 || p->kernel_height != 3 ||
        p->kernel_width != 3 || p->dilation_height != 1 || p->dilation_width != 1) {
        rk_depthwise_conv_portable(call);
        return RK_OK;
    }
    convolve(call);
    return RK_OK;
}
