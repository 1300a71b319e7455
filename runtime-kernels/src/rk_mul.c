/*
 * Elementwise product of two tensors. With a = x1 - zeroPoint1 and b = x2 - zeroPoint2:
 *   float32     f32(f32(s1 * a) * f32(s2 * b)) / so, half even, + zero point   (QDQ form of ONNX Runtime)
 *   all others  requantize(a * b)
 * Reference: src/ops/mul.ts.
 */
#include "rk_check.h"
#include "rk_parameters.h"
#include "rk_requantize.h"

static rk_status check_words(const rk_mul_parameters *p, uint8_t rule) {
    if (rule != RK_RULE_FLOAT32) return rk_check_scale(rule, p->output_multiplier, p->output_shift);
    rk_status status = rk_check_positive_float(p->input1_multiplier);
    if (status == RK_OK) status = rk_check_positive_float(p->input2_multiplier);
    if (status == RK_OK) status = rk_check_positive_float(p->output_multiplier);
    return status;
}

rk_status rk_check_mul(rk_check *check) {
    const rk_mul_parameters *p = check->parameters;
    const uint8_t dtype = check->operation->dtype;
    rk_status status = rk_check_signature(check, 2, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, p->elements);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[1], dtype, p->input2_elements);
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, p->elements);
    if (status == RK_OK) status = p->elements % p->input2_elements == 0 ? RK_OK : RK_ERROR_SHAPE;
    if (status == RK_OK) status = rk_check_zero_point(check, p->input1_zero_point);
    if (status == RK_OK) status = rk_check_zero_point(check, p->input2_zero_point);
    if (status == RK_OK) status = rk_check_clamp(check, p->output_zero_point, p->clamp_min, p->clamp_max);
    if (status == RK_OK) status = check_words(p, check->operation->rule);
    return status;
}

static int32_t multiply_float(const rk_mul_parameters *p, const rk_epilogue *epilogue, int32_t a, int32_t b) {
    const float factor1 = rk_float_from_bits(p->input1_multiplier) * (float)a;
    const float factor2 = rk_float_from_bits(p->input2_multiplier) * (float)b;
    return rk_quantize_float(epilogue, factor1 * factor2 / rk_float_from_bits(p->output_multiplier));
}

/* A product of two int16 differences may need 33 bits. */
static int32_t multiply_codes(const rk_mul_parameters *p, const rk_epilogue *epilogue, int32_t a, int32_t b) {
    if (epilogue->rule == RK_RULE_FLOAT32) return multiply_float(p, epilogue, a, b);
    return rk_requantize(epilogue, (int64_t)a * b, p->output_multiplier, p->output_shift);
}

#include "rk_element_s8.h"
#include "rk_mul_template.h"

#include "rk_element_s16.h"
#include "rk_mul_template.h"

rk_status rk_run_mul(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        multiply_s8(call);
    } else {
        multiply_s16(call);
    }
    return RK_OK;
}
