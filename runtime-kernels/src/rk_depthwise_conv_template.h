/* Depthwise convolution for one element type; see rk_depthwise_conv.c. */

/* The accumulator of one output position: the taps of one channel, input_channels apart. */
static RK_ACCUMULATOR RK_NAME(accumulate)(const rk_depthwise_conv_parameters *p, const RK_ELEMENT *input,
                                          const int8_t *filter, int32_t origin_y, rk_span rows, int32_t origin_x,
                                          rk_span columns, RK_ACCUMULATOR accumulator) {
    const int32_t run = columns.last - columns.first;
    if (run == 0) return accumulator;
    const int32_t first_x = origin_x + columns.first * p->dilation_width;
    const int32_t step = run > 1 ? p->dilation_width * p->input_channels : 0;
    for (int32_t kernel_y = rows.first; kernel_y < rows.last; kernel_y++) {
        const int32_t in_y = origin_y + kernel_y * p->dilation_height;
        const int32_t at = (in_y * p->input_width + first_x) * p->input_channels;
        const int8_t *weights = filter + kernel_y * p->kernel_width + columns.first;
        accumulator = RK_NAME(rk_dot_strided)(accumulator, input, at, step, weights, run, p->input_zero_point);
    }
    return accumulator;
}

/* All positions of one output channel. `input` and `output` point at the channel's first codes. */
static void RK_NAME(convolve_channel)(const rk_depthwise_conv_parameters *p, const RK_ELEMENT *input,
                                      const int8_t *filter, RK_ACCUMULATOR bias, const rk_epilogue *epilogue,
                                      int32_t multiplier, int32_t shift, RK_ELEMENT *output) {
    for (int32_t out_y = 0; out_y < p->output_height; out_y++) {
        const int32_t origin_y = out_y * p->stride_height - p->pad_top;
        const rk_span rows = rk_clip_window(origin_y, p->kernel_height, p->dilation_height, p->input_height);
        for (int32_t out_x = 0; out_x < p->output_width; out_x++) {
            const int32_t origin_x = out_x * p->stride_width - p->pad_left;
            const rk_span columns = rk_clip_window(origin_x, p->kernel_width, p->dilation_width, p->input_width);
            const RK_ACCUMULATOR sum =
                RK_NAME(accumulate)(p, input, filter, origin_y, rows, origin_x, columns, bias);
            *output = (RK_ELEMENT)rk_requantize(epilogue, RK_SIGNED(sum), multiplier, shift);
            output += p->output_channels;
        }
    }
}

static void RK_NAME(convolve)(const rk_call *call) {
    const rk_depthwise_conv_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const rk_scales scales = rk_scales_of(call, p->multiplier, p->shift, p->channel_step);
    const uint8_t *weights = rk_constant(call, p->weights);
    const RK_BIAS *bias = rk_constant(call, p->bias);
    const RK_ELEMENT *input = call->inputs[0];
    RK_ELEMENT *output = call->output;
    int8_t *filter = call->scratch;
    const int32_t taps = p->kernel_height * p->kernel_width;
    for (int32_t channel = 0; channel < p->output_channels; channel++) {
        for (int32_t tap = 0; tap < taps; tap++) {
            filter[tap] = rk_weight_at(weights, p->weight_bits, tap * p->output_channels + channel);
        }
        const int32_t scale = channel * scales.channel_step;
        RK_NAME(convolve_channel)(p, input + channel / p->channel_multiplier, filter,
                                  RK_NAME(rk_bias_at)(bias, channel), &epilogue, scales.multiplier[scale],
                                  scales.shift[scale], output + channel);
    }
}
