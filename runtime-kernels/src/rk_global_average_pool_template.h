/* Global average pooling for one element type; see rk_global_average_pool.c. */
static void RK_NAME(average)(const rk_call *call) {
    const rk_global_average_pool_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const RK_ELEMENT *input = call->inputs[0];
    RK_ELEMENT *output = call->output;
    for (int32_t channel = 0; channel < p->channels; channel++) {
        RK_ACCUMULATOR sum = 0;
        for (int32_t position = 0; position < p->positions; position++) {
            sum += (RK_ACCUMULATOR)(input[position * p->channels + channel] - p->input_zero_point);
        }
        output[channel] = (RK_ELEMENT)rk_requantize(&epilogue, (int32_t)sum, p->multiplier, p->shift);
    }
}
