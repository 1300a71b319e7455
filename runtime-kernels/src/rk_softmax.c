/*
 * Softmax over rows of int8 codes in gemmlowp's fixed point (TFLite reference kernel): exponentials in Q0.31, their sum in Q12.19, a
 * reciprocal by Newton's method. Output scale is 1/256, zero point -128. Reference: src/ops/softmax.ts.
 */
#include "rk_check.h"
#include "rk_fixed_point.h"
#include "rk_parameters.h"

/* The sum of 4096 ones in Q12.19 would not fit int32. */
enum { DEPTH_MAX = 4095 };

rk_status rk_check_softmax(rk_check *check) {
    const rk_softmax_parameters *p = check->parameters;
    const int32_t elements = rk_elements2(p->rows, p->depth);
    rk_status status = rk_check_signature(check, 1, RK_S8);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], RK_DTYPE_INT8, elements);
    if (status == RK_OK) status = rk_check_tensor(check->output, RK_DTYPE_INT8, elements);
    if (status == RK_OK) status = rk_check_range(p->depth, 1, DEPTH_MAX);
    if (status == RK_OK) status = rk_check_range(p->input_multiplier, 0, INT32_MAX);
    if (status == RK_OK) status = rk_check_range(p->input_left_shift, 0, 30);
    if (status == RK_OK) status = rk_check_range(p->diff_min, INT32_MIN, 0);
    return status;
}

/* exp of a code's distance below the row's maximum, Q0.31. */
static int32_t exponential(const rk_softmax_parameters *p, int32_t difference) {
    const int32_t scaled = rk_multiply_double_rounding(difference, p->input_multiplier, p->input_left_shift);
    return rk_exp_on_negative(scaled, 5);
}

static void softmax_row(const rk_softmax_parameters *p, const int8_t *input, int8_t *output) {
    int32_t highest = INT8_MIN;
    for (int32_t index = 0; index < p->depth; index++) {
        if (input[index] > highest) highest = input[index];
    }
    int32_t sum = 0;
    for (int32_t index = 0; index < p->depth; index++) {
        const int32_t difference = input[index] - highest;
        if (difference >= p->diff_min) sum += rk_rounding_divide(exponential(p, difference), 12);
    }
    const int32_t headroom = rk_leading_zeros(sum);
    const int32_t fraction = (int32_t)(((uint32_t)sum << headroom) - 0x80000000u);
    const int32_t reciprocal = rk_one_over_one_plus(fraction);
    const int32_t exponent = 12 - headroom + 31 - 8;
    for (int32_t index = 0; index < p->depth; index++) {
        const int32_t difference = input[index] - highest;
        int32_t code = INT8_MIN;
        /* Above 31 the quotient is below one half: it rounds to zero. */
        if (difference >= p->diff_min && exponent <= 31) {
            const int32_t share = rk_doubling_high_multiply(reciprocal, exponential(p, difference));
            code = rk_clamp(rk_rounding_divide(share, exponent) + INT8_MIN, INT8_MIN, INT8_MAX);
        }
        output[index] = (int8_t)code;
    }
}

rk_status rk_run_softmax(const rk_call *call) {
    const rk_softmax_parameters *p = call->parameters;
    const int8_t *input = call->inputs[0];
    int8_t *output = call->output;
    for (int32_t row = 0; row < p->rows; row++) softmax_row(p, input + row * p->depth, output + row * p->depth);
    return RK_OK;
}
