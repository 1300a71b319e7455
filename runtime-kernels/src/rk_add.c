/*
 * Elementwise sum or difference of two tensors with scales of their own. With a = x1 - zeroPoint1 and b = x2 - zeroPoint2:
 *   double, single        requantize(scale1(a << leftShift) +- scale2(b << leftShift))   (TFLite, three roundings)
 *   float32               f32(f32(s1 * a) +- f32(s2 * b)) / so, half even, + zero point   (QDQ form of ONNX Runtime)
 *   shift-half-up, -even  requantize(a +- b): the inputs' exponents are equal             (ESP-DL)
 *   multiply-shift-floor  (a * m1 +- b * m2) >> n                                         (PULP-NN, NEMO)
 * Reference: src/ops/add.ts.
 */
#include "rk_check.h"
#include "rk_parameters.h"
#include "rk_portable.h"
#include "rk_requantize.h"

/* The words of one rule; shifts are unused words where they must be 0. */
static rk_status check_words(const rk_add_parameters *p, uint8_t rule) {
    rk_status status;
    switch (rule) {
    case RK_RULE_DOUBLE:
    case RK_RULE_SINGLE:
        status = rk_check_range(p->left_shift, 0, 20);
        if (status == RK_OK) status = rk_check_scale(rule, p->input1_multiplier, p->input1_shift);
        if (status == RK_OK) status = rk_check_scale(rule, p->input2_multiplier, p->input2_shift);
        return status == RK_OK ? rk_check_scale(rule, p->output_multiplier, p->output_shift) : status;
    case RK_RULE_FLOAT32:
        status = rk_check_positive_float(p->input1_multiplier);
        if (status == RK_OK) status = rk_check_positive_float(p->input2_multiplier);
        return status == RK_OK ? rk_check_positive_float(p->output_multiplier) : status;
    case RK_RULE_SHIFT_HALF_UP:
    case RK_RULE_SHIFT_HALF_EVEN:
    case RK_RULE_MULTIPLY_SHIFT_FLOOR:
        return rk_check_scale(rule, p->output_multiplier, p->output_shift);
    default:
        return RK_ERROR_RULE;
    }
}

rk_status rk_check_add(rk_check *check) {
    const rk_add_parameters *p = check->parameters;
    const uint8_t dtype = check->operation->dtype;
    rk_status status = rk_check_signature(check, 2, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, p->elements);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[1], dtype, p->input2_elements);
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, p->elements);
    if (status == RK_OK) status = p->elements % p->input2_elements == 0 ? RK_OK : RK_ERROR_SHAPE;
    if (status == RK_OK) status = rk_check_range(p->subtract, 0, 1);
    if (status == RK_OK) status = rk_check_zero_point(check, p->input1_zero_point);
    if (status == RK_OK) status = rk_check_zero_point(check, p->input2_zero_point);
    if (status == RK_OK) status = rk_check_clamp(check, p->output_zero_point, p->clamp_min, p->clamp_max);
    if (status == RK_OK) status = check_words(p, check->operation->rule);
    return status;
}

/* One input of TFLite's form, on a common scale with leftShift extra bits. */
static int32_t scale_input(const rk_add_parameters *p, uint8_t rule, int32_t value, int32_t multiplier, int32_t shift) {
    const int32_t widened = rk_wrapping_shift_left(value, p->left_shift);
    return rule == RK_RULE_DOUBLE ? rk_multiply_double_rounding(widened, multiplier, shift)
                                  : rk_multiply_single_rounding(widened, multiplier, shift);
}

static int32_t add_left_shifted(const rk_add_parameters *p, const rk_epilogue *epilogue, int32_t a, int32_t b) {
    const int32_t term1 = scale_input(p, epilogue->rule, a, p->input1_multiplier, p->input1_shift);
    const int32_t term2 = scale_input(p, epilogue->rule, b, p->input2_multiplier, p->input2_shift);
    const int32_t sum = p->subtract ? rk_wrapping_subtract(term1, term2) : rk_wrapping_add(term1, term2);
    return rk_requantize(epilogue, sum, p->output_multiplier, p->output_shift);
}

static int32_t add_float(const rk_add_parameters *p, const rk_epilogue *epilogue, int32_t a, int32_t b) {
    const float term1 = rk_float_from_bits(p->input1_multiplier) * (float)a;
    const float term2 = rk_float_from_bits(p->input2_multiplier) * (float)b;
    const float sum = p->subtract ? term1 - term2 : term1 + term2;
    return rk_quantize_float(epilogue, sum / rk_float_from_bits(p->output_multiplier));
}

static int32_t add_multiplied(const rk_add_parameters *p, const rk_epilogue *epilogue, int32_t a, int32_t b) {
    const int64_t term1 = (int64_t)a * p->input1_multiplier;
    const int64_t term2 = (int64_t)b * p->input2_multiplier;
    return rk_finish(epilogue, rk_saturate((p->subtract ? term1 - term2 : term1 + term2) >> -p->output_shift));
}

static int32_t add_codes(const rk_add_parameters *p, const rk_epilogue *epilogue, int32_t a, int32_t b) {
    switch (epilogue->rule) {
    case RK_RULE_DOUBLE:
    case RK_RULE_SINGLE:
        return add_left_shifted(p, epilogue, a, b);
    case RK_RULE_FLOAT32:
        return add_float(p, epilogue, a, b);
    case RK_RULE_MULTIPLY_SHIFT_FLOOR:
        return add_multiplied(p, epilogue, a, b);
    default:
        return rk_requantize(epilogue, p->subtract ? a - b : a + b, p->output_multiplier, p->output_shift);
    }
}

#include "rk_element_s8.h"
#include "rk_add_template.h"

#include "rk_element_s16.h"
#include "rk_add_template.h"

void rk_add_portable(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        add_s8(call);
    } else {
        add_s16(call);
    }
}
