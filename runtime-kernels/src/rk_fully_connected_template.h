/* Fully connected layer for one element type; see rk_fully_connected.c. */

/* Sum of values[i] - zero_point: what a weight zero point multiplies. */
static RK_ACCUMULATOR RK_NAME(row_sum)(const RK_ELEMENT *values, int32_t count, int32_t zero_point) {
    RK_ACCUMULATOR sum = 0;
    for (int32_t index = 0; index < count; index++) sum += (RK_ACCUMULATOR)(values[index] - zero_point);
    return sum;
}

static void RK_NAME(multiply)(const rk_call *call) {
    const rk_fully_connected_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const rk_scales scales = rk_scales_of(call, p->multiplier, p->shift, p->channel_step);
    const uint8_t *packed = rk_constant(call, p->weights);
    const RK_BIAS *bias = rk_constant(call, p->bias);
    const RK_ELEMENT *input = call->inputs[0];
    RK_ELEMENT *output = call->output;
    for (int32_t channel = 0; channel < p->outputs; channel++) {
        const int8_t *weights =
            rk_unpack_weights(packed, p->weight_bits, channel * p->inputs, p->inputs, call->scratch);
        for (int32_t row = 0; row < p->rows; row++) {
            const RK_ELEMENT *values = input + row * p->inputs;
            RK_ACCUMULATOR sum = RK_NAME(rk_bias_at)(bias, channel);
            sum = RK_NAME(rk_dot)(sum, values, weights, p->inputs, p->input_zero_point);
            if (p->weight_zero_point != 0) {
                sum -= (RK_ACCUMULATOR)p->weight_zero_point * RK_NAME(row_sum)(values, p->inputs, p->input_zero_point);
            }
            output[row * p->outputs + channel] =
                (RK_ELEMENT)rk_requantize_channel(&epilogue, &scales, RK_SIGNED(sum), channel);
        }
    }
}
