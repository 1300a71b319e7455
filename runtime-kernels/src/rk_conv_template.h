/* Convolution for one element type; see rk_conv.c. */

/* The accumulator of one output position and channel: taps outside the input are the zero point and contribute nothing. */
static RK_ACCUMULATOR RK_NAME(accumulate)(const rk_conv_parameters *p, const RK_ELEMENT *input, const int8_t *filter,
                                          int32_t origin_y, rk_span rows, int32_t origin_x, rk_span columns,
                                          RK_ACCUMULATOR accumulator) {
    const int32_t channels = p->input_channels / p->groups;
    const int32_t run = columns.last - columns.first;
    if (run == 0) return accumulator;
    const int32_t first_x = origin_x + columns.first * p->dilation_width;
    const int one_run = p->dilation_width == 1 && p->groups == 1;
    for (int32_t kernel_y = rows.first; kernel_y < rows.last; kernel_y++) {
        const int32_t in_y = origin_y + kernel_y * p->dilation_height;
        const RK_ELEMENT *values = input + (in_y * p->input_width + first_x) * p->input_channels;
        const int8_t *weights = filter + (kernel_y * p->kernel_width + columns.first) * channels;
        if (one_run) {
            accumulator = RK_NAME(rk_dot)(accumulator, values, weights, run * channels, p->input_zero_point);
            continue;
        }
        for (int32_t tap = 0; tap < run; tap++) {
            const RK_ELEMENT *pixel = values + tap * p->dilation_width * p->input_channels;
            accumulator = RK_NAME(rk_dot)(accumulator, pixel, weights + tap * channels, channels, p->input_zero_point);
        }
    }
    return accumulator;
}

/* All positions of one output channel. `output` points at the channel's first code. */
static void RK_NAME(convolve_channel)(const rk_conv_parameters *p, const RK_ELEMENT *input, const int8_t *filter,
                                      RK_ACCUMULATOR bias, const rk_epilogue *epilogue, int32_t multiplier,
                                      int32_t shift, RK_ELEMENT *output) {
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
    const rk_conv_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const rk_scales scales = rk_scales_of(call, p->multiplier, p->shift, p->channel_step);
    const uint8_t *weights = rk_constant(call, p->weights);
    const RK_BIAS *bias = rk_constant(call, p->bias);
    const RK_ELEMENT *input = call->inputs[0];
    RK_ELEMENT *output = call->output;
    const int32_t group_inputs = p->input_channels / p->groups;
    const int32_t group_outputs = p->output_channels / p->groups;
    const int32_t filter_size = p->kernel_height * p->kernel_width * group_inputs;
    for (int32_t channel = 0; channel < p->output_channels; channel++) {
        const int8_t *filter =
            rk_unpack_weights(weights, p->weight_bits, channel * filter_size, filter_size, call->scratch);
        const int32_t scale = channel * scales.channel_step;
        RK_NAME(convolve_channel)(p, input + channel / group_outputs * group_inputs, filter,
                                  RK_NAME(rk_bias_at)(bias, channel), &epilogue, scales.multiplier[scale],
                                  scales.shift[scale], output + channel);
    }
}
