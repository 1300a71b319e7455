/*
 * Depthwise convolution with the DSP extension: int8 activations, one output per input channel, no dilation; the rest goes to the
 * portable kernel. Four channels at a time: their taps are widened to pairs once, then serve every position; channels that are left
 * over go one by one. Scratch: two words per tap.
 */
#include "rk_dsp.h"
#include "rk_parameters.h"
#include "rk_portable.h"
#include "rk_requantize_run.h"
#include "rk_weights.h"
#include "rk_window.h"

/* Taps of four channels: pairs of channels (0,2) and (1,3). */
typedef struct tap_pairs {
    uint32_t even;
    uint32_t odd;
} tap_pairs;

typedef struct layer {
    const rk_depthwise_conv_parameters *p;
    const uint8_t *weights;
    const int32_t *bias;
    rk_run run; /* along channels */
} layer;

/* The valid taps of one position. */
typedef struct window {
    const int8_t *input; /* channel 0 of the first valid tap */
    int32_t rows;
    int32_t columns;
    int32_t first_tap;
} window;

static RK_NOINLINE void sum_four(const layer *l, const window *at, int32_t channel, const tap_pairs *taps,
                                 int32_t *sums) {
    const int32_t zero_point = l->p->input_zero_point;
    const uint32_t zero_points = ((uint32_t)zero_point & 0xFFFFu) | (uint32_t)zero_point << 16;
    const int32_t step = l->p->input_channels;
    const int32_t row_step = (l->p->input_width - at->columns) * step;
    const int32_t tap_step = l->p->kernel_width - at->columns;
    const int8_t *input = at->input + channel;
    const tap_pairs *tap = taps + at->first_tap;
    int32_t sum0 = sums[0], sum1 = sums[2], sum2 = sums[4], sum3 = sums[6];
    for (int32_t row = 0; row < at->rows; row++) {
        for (int32_t column = 0; column < at->columns; column++) {
            const uint32_t word = rk_load_word(input);
            const uint32_t even = rk_subtract_pairs(rk_even_bytes(word), zero_points);
            const uint32_t odd = rk_subtract_pairs(rk_odd_bytes(word), zero_points);
            sum0 = rk_multiply_low(even, tap->even, sum0);
            sum2 = rk_multiply_high(even, tap->even, sum2);
            sum1 = rk_multiply_low(odd, tap->odd, sum1);
            sum3 = rk_multiply_high(odd, tap->odd, sum3);
            input += step;
            tap++;
        }
        input += row_step;
        tap += tap_step;
    }
    sums[0] = sum0, sums[2] = sum1, sums[4] = sum2, sums[6] = sum3;
}

static RK_NOINLINE int32_t sum_one(const layer *l, const window *at, int32_t channel, int32_t sum) {
    const rk_depthwise_conv_parameters *p = l->p;
    for (int32_t row = 0; row < at->rows; row++) {
        for (int32_t column = 0; column < at->columns; column++) {
            const int32_t tap = at->first_tap + row * p->kernel_width + column;
            const int32_t weight = rk_weight_at(l->weights, p->weight_bits, tap * p->output_channels + channel);
            const int32_t x = at->input[(row * p->input_width + column) * p->input_channels + channel];
            sum = rk_wrapping_add(sum, weight * (x - p->input_zero_point));
        }
    }
    return sum;
}

static void widen_taps(const layer *l, int32_t channel, tap_pairs *taps) {
    const int32_t count = l->p->kernel_height * l->p->kernel_width;
    for (int32_t tap = 0; tap < count; tap++) {
        const int32_t at = tap * l->p->output_channels + channel;
        uint32_t codes[4];
        for (int32_t index = 0; index < 4; index++) {
            codes[index] = (uint32_t)rk_weight_at(l->weights, l->p->weight_bits, at + index) & 0xFFFFu;
        }
        taps[tap].even = codes[0] | codes[2] << 16;
        taps[tap].odd = codes[1] | codes[3] << 16;
    }
}

/* The channels of one block, 4 or 1, and where their codes go. */
typedef struct block {
    const layer *l;
    int32_t channel;
    int32_t count;
    const tap_pairs *taps;
    rk_run run;
} block;

/* One position. */
static void run_position(const block *b, const window *at, int8_t *output) {
    int32_t sums[8]; /* every other one is used: rk_requantize_run reads in steps of two */
    const int32_t *bias = b->l->bias;
    for (int32_t index = 0; index < b->count; index++) sums[2 * index] = bias == NULL ? 0 : bias[b->channel + index];
    if (b->count == 4) {
        sum_four(b->l, at, b->channel, b->taps, sums);
    } else {
        sums[0] = sum_one(b->l, at, b->channel, sums[0]);
    }
    rk_requantize_run(&b->run, sums, b->count, output + b->channel);
}

static void run_block(const block *b, const rk_call *call) {
    const rk_depthwise_conv_parameters *p = b->l->p;
    int8_t *output = call->output;
    for (int32_t out_y = 0; out_y < p->output_height; out_y++) {
        const int32_t origin_y = out_y * p->stride_height - p->pad_top;
        const rk_span rows = rk_clip_window(origin_y, p->kernel_height, 1, p->input_height);
        for (int32_t out_x = 0; out_x < p->output_width; out_x++) {
            const int32_t origin_x = out_x * p->stride_width - p->pad_left;
            const rk_span columns = rk_clip_window(origin_x, p->kernel_width, 1, p->input_width);
            window at = {call->inputs[0], rows.last - rows.first, columns.last - columns.first,
                         rows.first * p->kernel_width + columns.first};
            if (at.rows > 0 && at.columns > 0) {
                const int32_t pixel = (origin_y + rows.first) * p->input_width + origin_x + columns.first;
                at.input += pixel * p->input_channels;
            }
            run_position(b, &at, output);
            output += p->output_channels;
        }
    }
}

static void convolve(const rk_call *call) {
    const rk_depthwise_conv_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const rk_scales scales = rk_scales_of(call, p->multiplier, p->shift, p->channel_step);
    const layer l = {p, rk_constant(call, p->weights), rk_constant(call, p->bias),
                     rk_run_along_channels(&epilogue, &scales, p->output_channels)};
    for (int32_t channel = 0; channel < p->output_channels;) {
        const int32_t count = channel + 4 <= p->output_channels ? 4 : 1;
        const block b = {&l, channel, count, call->scratch, rk_run_from(&l.run, channel)};
        if (count == 4) widen_taps(&l, channel, call->scratch);
        run_block(&b, call);
        channel += count;
    }
}

rk_status rk_run_depthwise_conv(const rk_call *call);

rk_status rk_run_depthwise_conv(const rk_call *call) {
    const rk_depthwise_conv_parameters *p = call->parameters;
    if (call->operation->dtype != RK_DTYPE_INT8 || p->channel_multiplier != 1 || p->dilation_height != 1 ||
        p->dilation_width != 1) {
        rk_depthwise_conv_portable(call);
        return RK_OK;
    }
    convolve(call);
    return RK_OK;
}
