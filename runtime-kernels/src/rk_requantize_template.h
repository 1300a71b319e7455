/* Requantization of a tensor for one element type; see rk_requantize.c. */
static void RK_NAME(rescale)(const rk_call *call) {
    const rk_requantize_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const RK_ELEMENT *input = call->inputs[0];
    RK_ELEMENT *output = call->output;
    for (int32_t index = 0; index < p->elements; index++) {
        const int32_t difference = input[index] - p->input_zero_point;
        output[index] = (RK_ELEMENT)rk_requantize(&epilogue, difference, p->multiplier, p->shift);
    }
}
