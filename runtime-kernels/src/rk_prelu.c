/*
 * Leaky rectifier with learned slopes, index modulo their count (channels-last broadcast). With x less its zero point:
 *     y = requantize(x, positive words) where x >= 0, else requantize(x * (slope - slopeZeroPoint), negative words)
 * and under float32 f32(f32(sx * x) [* f32(ss * slope)] / sy), half even, + zero point: the QDQ form of ONNX Runtime.
 * Reference: src/ops/prelu.ts.
 */
#include "rk_check.h"
#include "rk_parameters.h"
#include "rk_requantize.h"

rk_status rk_check_prelu(rk_check *check) {
    const rk_prelu_parameters *p = check->parameters;
    const uint8_t dtype = check->operation->dtype;
    const uint8_t rule = check->operation->rule;
    rk_status status = rk_check_signature(check, 1, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, p->elements);
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, p->elements);
    if (status == RK_OK) status = rk_check_range(p->input2_elements, 1, p->elements);
    if (status == RK_OK) status = p->elements % p->input2_elements == 0 ? RK_OK : RK_ERROR_SHAPE;
    if (status == RK_OK) status = rk_check_constant(check, p->slope, (uint32_t)p->input2_elements);
    if (status == RK_OK) status = rk_check_zero_point(check, p->input_zero_point);
    if (status == RK_OK) status = rk_check_range(p->slope_zero_point, INT8_MIN, INT8_MAX);
    if (status == RK_OK) status = rk_check_clamp(check, p->output_zero_point, p->clamp_min, p->clamp_max);
    if (status == RK_OK) status = rk_check_scale(rule, p->positive_multiplier, p->positive_shift);
    if (status == RK_OK) status = rk_check_scale(rule, p->negative_multiplier, p->negative_shift);
    if (status == RK_OK && rule == RK_RULE_FLOAT32) status = rk_check_positive_float(p->output_multiplier);
    return status;
}

static int32_t prelu_float(const rk_prelu_parameters *p, const rk_epilogue *epilogue, int32_t x, int32_t slope) {
    const float value = (float)x * rk_float_from_bits(p->positive_multiplier);
    const float factor = x >= 0 ? 1.0f : (float)slope * rk_float_from_bits(p->negative_multiplier);
    return rk_quantize_float(epilogue, value * factor / rk_float_from_bits(p->output_multiplier));
}

static int32_t prelu_code(const rk_prelu_parameters *p, const rk_epilogue *epilogue, int32_t x, int32_t slope) {
    if (epilogue->rule == RK_RULE_FLOAT32) return prelu_float(p, epilogue, x, slope);
    if (x >= 0) return rk_requantize(epilogue, x, p->positive_multiplier, p->positive_shift);
    return rk_requantize(epilogue, x * slope, p->negative_multiplier, p->negative_shift);
}

#include "rk_element_s8.h"
#include "rk_prelu_template.h"

#include "rk_element_s16.h"
#include "rk_prelu_template.h"

rk_status rk_run_prelu(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        prelu_s8(call);
    } else {
        prelu_s16(call);
    }
    return RK_OK;
}
