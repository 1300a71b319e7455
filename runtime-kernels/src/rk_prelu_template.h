/* Leaky rectifier with learned slopes for one element type; see rk_prelu.c. */
static void RK_NAME(prelu)(const rk_call *call) {
    const rk_prelu_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const int8_t *slopes = rk_constant(call, p->slope);
    const RK_ELEMENT *input = call->inputs[0];
    RK_ELEMENT *output = call->output;
    for (int32_t first = 0; first < p->elements; first += p->input2_elements) {
        for (int32_t index = 0; index < p->input2_elements; index++) {
            const int32_t x = input[first + index] - p->input_zero_point;
            const int32_t slope = slopes[index] - p->slope_zero_point;
            output[first + index] = (RK_ELEMENT)prelu_code(p, &epilogue, x, slope);
        }
    }
}
