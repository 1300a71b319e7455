/*
 * Convolution for Cortex-M0+: int8 activations, 8 or 4-bit weights, one group, no dilation; the rest goes to the portable kernel. The
 * windows of two output positions are laid out once as pair words (padding as difference 0), then two channels at a time run over
 * them, so that a load serves four products. Scratch: one pair word per weight of a filter.
 */
#include "rk_m0_filters.h"
#include "rk_parameters.h"
#include "rk_portable.h"

/* Writes the window of one output position into the halves of the pair words that belong to it. */
static RK_NOINLINE void lay_out_window(const rk_conv_parameters *p, const int8_t *input, int32_t out_y, int32_t out_x,
                                       int16_t *halves) {
    const int32_t channels = p->input_channels;
    const int32_t zero_point = p->input_zero_point;
    const int32_t first_y = out_y * p->stride_height - p->pad_top;
    const int32_t first_x = out_x * p->stride_width - p->pad_left;
    const int32_t skipped = first_x < 0 ? rk_min(-first_x, p->kernel_width) : 0;
    const int32_t end = rk_clamp(p->input_width - first_x, skipped, p->kernel_width);
    for (int32_t kernel_y = 0; kernel_y < p->kernel_height; kernel_y++) {
        const int32_t in_y = first_y + kernel_y;
        const int valid = in_y >= 0 && in_y < p->input_height && end > skipped;
        const int32_t before = (valid ? skipped : p->kernel_width) * channels;
        const int32_t inside = valid ? (end - skipped) * channels : 0;
        const int32_t after = valid ? (p->kernel_width - end) * channels : 0;
        const int8_t *values = valid ? input + (in_y * p->input_width + first_x + skipped) * channels : input;
        int16_t *stop = halves + 2 * before;
        for (; halves < stop; halves += 2) *halves = 0;
        stop += 2 * inside;
        for (; halves < stop; halves += 2) *halves = (int16_t)(*values++ - zero_point);
        stop += 2 * after;
        for (; halves < stop; halves += 2) *halves = 0;
    }
}

static void convolve(const rk_call *call) {
    const rk_conv_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const rk_scales scales = rk_scales_of(call, p->multiplier, p->shift, p->channel_step);
    const rk_m0_filters filters = {rk_constant(call, p->weights),
                                   rk_constant(call, p->bias),
                                   rk_run_along_channels(&epilogue, &scales, p->output_channels),
                                   p->weight_bits,
                                   p->kernel_height * p->kernel_width * p->input_channels,
                                   p->output_channels};
    uint32_t *pairs = call->scratch;
    int8_t *output = call->output;
    int32_t waiting = 0;
    for (int32_t out_y = 0; out_y < p->output_height; out_y++) {
        for (int32_t out_x = 0; out_x < p->output_width; out_x++) {
            lay_out_window(p, call->inputs[0], out_y, out_x, (int16_t *)pairs + waiting);
            if (++waiting < 2) continue;
            rk_m0_run_filters(&filters, pairs, output, 2);
            output += 2 * p->output_channels;
            waiting = 0;
        }
    }
    /* The halves of the absent position hold what was there before; their sums are dropped. */
    if (waiting > 0) rk_m0_run_filters(&filters, pairs, output, 1);
}

rk_status rk_run_conv(const rk_call *call);

rk_status rk_run_conv(const rk_call *call) {
    const rk_conv_parameters *p = call->parameters;
    if (call->operation->dtype != RK_DTYPE_INT8 || p->weight_bits == 2 || p->groups != 1 || p->dilation_height != 1 ||
        p->dilation_width != 1) {
        rk_conv_portable(call);
        return RK_OK;
    }
    convolve(call);
    return RK_OK;
}
