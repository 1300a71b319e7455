/*
 * Convolution with the DSP extension: int8 activations, 8 or 4-bit weights, one group, no dilation; the rest goes to the portable
 * kernel. The windows of two output positions are laid out as columns of int16 differences (padding as 0), then two channels at a time
 * run over them, so that eight loaded values serve sixteen products. Scratch: two columns.
 */
#include "rk_dsp.h"
#include "rk_dsp_filters.h"
#include "rk_parameters.h"
#include "rk_portable.h"

static int16_t *fill_zeros(int16_t *column, int32_t count) {
    for (int32_t index = 0; index < count; index++) column[index] = 0;
    return column + count;
}

static RK_NOINLINE void lay_out_window(const rk_conv_parameters *p, const int8_t *input, int32_t position,
                                       int16_t *column) {
    const int32_t channels = p->input_channels;
    const int32_t first_y = position / p->output_width * p->stride_height - p->pad_top;
    const int32_t first_x = position % p->output_width * p->stride_width - p->pad_left;
    const int32_t skipped = first_x < 0 ? rk_min(-first_x, p->kernel_width) : 0;
    const int32_t end = rk_clamp(p->input_width - first_x, skipped, p->kernel_width);
    for (int32_t kernel_y = 0; kernel_y < p->kernel_height; kernel_y++) {
        const int32_t in_y = first_y + kernel_y;
        if (in_y < 0 || in_y >= p->input_height || end == skipped) {
            column = fill_zeros(column, p->kernel_width * channels);
            continue;
        }
        const int32_t inside = (end - skipped) * channels;
        column = fill_zeros(column, skipped * channels);
        rk_dsp_widen(input + (in_y * p->input_width + first_x + skipped) * channels, inside, p->input_zero_point,
                     column);
        column = fill_zeros(column + inside, (p->kernel_width - end) * channels);
    }
}

static void convolve(const rk_call *call) {
    const rk_conv_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const rk_scales scales = rk_scales_of(call, p->multiplier, p->shift, p->channel_step);
    const rk_dsp_filters filters = {rk_constant(call, p->weights),
                                    rk_constant(call, p->bias),
                                    rk_run_along_channels(&epilogue, &scales, p->output_channels),
                                    p->weight_bits,
                                    p->kernel_height * p->kernel_width * p->input_channels,
                                    p->output_channels};
    const int32_t all = p->output_height * p->output_width;
    const int32_t passes = rk_dsp_passes(&filters);
    int16_t *columns = call->scratch;
    for (int32_t first = 0; first < all; first += 2) {
        const int32_t positions = rk_min(2, all - first);
        int8_t *output = (int8_t *)call->output + first * p->output_channels;
        for (int32_t pass = 0; pass < passes; pass++) {
            for (int32_t position = 0; position < positions; position++) {
                int16_t *column = columns + position * filters.size;
                lay_out_window(p, call->inputs[0], first + position, column);
                rk_dsp_arrange(&filters, pass, column);
            }
            rk_dsp_run_filters(&filters, pass, columns, positions, output);
        }
    }
}

rk_status rk_run_conv(const rk_call *call);

rk_status rk_run_conv(const rk_call *call) {
    const rk_conv_parameters *p = call->parameters;
    const int32_t size = p->kernel_height * p->kernel_width * p->input_channels;
    if (call->operation->dtype != RK_DTYPE_INT8 || p->weight_bits == 2 || p->groups != 1 || p->dilation_height != 1 ||
        p->dilation_width != 1 || size > RK_DSP_SIZE_MAX) {
        rk_conv_portable(call);
        return RK_OK;
    }
    convolve(call);
    return RK_OK;
}
