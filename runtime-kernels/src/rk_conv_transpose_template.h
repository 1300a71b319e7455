/* Transposed convolution for one element type; see rk_conv_transpose.c. */

/* The accumulator of one output position: only taps whose distance is a multiple of the stride meet an input. */
static RK_ACCUMULATOR RK_NAME(accumulate)(const rk_conv_transpose_parameters *p, const RK_ELEMENT *input,
                                          const int8_t *filter, int32_t out_y, int32_t out_x,
                                          RK_ACCUMULATOR accumulator) {
    const int32_t channels = p->input_channels / p->groups;
    for (int32_t kernel_y = 0; kernel_y < p->kernel_height; kernel_y++) {
        const int32_t distance_y = out_y + p->pad_top - kernel_y * p->dilation_height;
        const int32_t in_y = source(distance_y, p->stride_height, p->input_height);
        if (in_y < 0) continue;
        for (int32_t kernel_x = 0; kernel_x < p->kernel_width; kernel_x++) {
            const int32_t distance_x = out_x + p->pad_left - kernel_x * p->dilation_width;
            const int32_t in_x = source(distance_x, p->stride_width, p->input_width);
            if (in_x < 0) continue;
            const RK_ELEMENT *pixel = input + (in_y * p->input_width + in_x) * p->input_channels;
            const int8_t *weights = filter + (kernel_y * p->kernel_width + kernel_x) * channels;
            accumulator = RK_NAME(rk_dot)(accumulator, pixel, weights, channels, p->input_zero_point);
        }
    }
    return accumulator;
}

static void RK_NAME(convolve)(const rk_call *call) {
    const rk_conv_transpose_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const rk_scales scales = rk_scales_of(call, p->multiplier, p->shift, p->channel_step);
    const uint8_t *weights = rk_constant(call, p->weights);
    const RK_BIAS *bias = rk_constant(call, p->bias);
    const int32_t group_inputs = p->input_channels / p->groups;
    const int32_t group_outputs = p->output_channels / p->groups;
    const int32_t filter_size = p->kernel_height * p->kernel_width * group_inputs;
    for (int32_t channel = 0; channel < p->output_channels; channel++) {
        const int8_t *filter =
            rk_unpack_weights(weights, p->weight_bits, channel * filter_size, filter_size, call->scratch);
        const RK_ELEMENT *input = (const RK_ELEMENT *)call->inputs[0] + channel / group_outputs * group_inputs;
        RK_ELEMENT *output = (RK_ELEMENT *)call->output + channel;
        for (int32_t out_y = 0; out_y < p->output_height; out_y++) {
            for (int32_t out_x = 0; out_x < p->output_width; out_x++) {
                const RK_ACCUMULATOR start = RK_NAME(rk_bias_at)(bias, channel);
                const RK_ACCUMULATOR sum = RK_NAME(accumulate)(p, input, filter, out_y, out_x, start);
                *output = (RK_ELEMENT)rk_requantize_channel(&epilogue, &scales, RK_SIGNED(sum), channel);
                output += p->output_channels;
            }
        }
    }
}
