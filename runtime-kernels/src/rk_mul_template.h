/* Multiplication for one element type; see rk_mul.c. Where the shorter input ends it starts again: channels-last broadcast. */
static void RK_NAME(multiply)(const rk_call *call) {
    const rk_mul_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const RK_ELEMENT *input1 = call->inputs[0];
    const RK_ELEMENT *input2 = call->inputs[1];
    RK_ELEMENT *output = call->output;
    for (int32_t first = 0; first < p->elements; first += p->input2_elements) {
        for (int32_t index = 0; index < p->input2_elements; index++) {
            const int32_t a = input1[first + index] - p->input1_zero_point;
            const int32_t b = input2[index] - p->input2_zero_point;
            output[first + index] = (RK_ELEMENT)multiply_codes(p, &epilogue, a, b);
        }
    }
}
