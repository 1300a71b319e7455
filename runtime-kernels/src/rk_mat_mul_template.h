/* Product of two activations for one element type; see rk_mat_mul.c. */

/* One row of `a` times one column of `b`, whose elements lie `columns` apart. */
static RK_ACCUMULATOR RK_NAME(dot)(const rk_mat_mul_parameters *p, const RK_ELEMENT *a, const RK_ELEMENT *b) {
    RK_ACCUMULATOR sum = 0;
    for (int32_t index = 0; index < p->depth; index++) {
        const RK_ACCUMULATOR left = (RK_ACCUMULATOR)(a[index] - p->input1_zero_point);
        const RK_ACCUMULATOR right = (RK_ACCUMULATOR)(b[index * p->columns] - p->input2_zero_point);
        sum += left * right;
    }
    return sum;
}

static void RK_NAME(multiply)(const rk_call *call) {
    const rk_mat_mul_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const RK_ELEMENT *a = call->inputs[0];
    const RK_ELEMENT *b = call->inputs[1];
    RK_ELEMENT *output = call->output;
    for (int32_t batch = 0; batch < p->batch; batch++) {
        for (int32_t row = 0; row < p->rows; row++) {
            for (int32_t column = 0; column < p->columns; column++) {
                const RK_ACCUMULATOR sum = RK_NAME(dot)(p, a, b + column);
                *output++ = (RK_ELEMENT)rk_requantize(&epilogue, RK_SIGNED(sum), p->multiplier, p->shift);
            }
            a += p->depth;
        }
        b += p->depth * p->columns;
    }
}
