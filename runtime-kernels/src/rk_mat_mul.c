/*
 * Matrix product of two activations: [batch][rows][depth] times [batch][depth][columns].
 *     y = requantize(sum over depth of (a - input1ZeroPoint) * (b - input2ZeroPoint))
 * Reference: src/ops/mat-mul.ts.
 */
#include "rk_check.h"
#include "rk_parameters.h"
#include "rk_requantize.h"

rk_status rk_check_mat_mul(rk_check *check) {
    const rk_mat_mul_parameters *p = check->parameters;
    const uint8_t dtype = check->operation->dtype;
    const int32_t left = rk_elements3(p->batch, p->rows, p->depth);
    const int32_t right = rk_elements3(p->batch, p->depth, p->columns);
    const int32_t outputs = rk_elements3(p->batch, p->rows, p->columns);
    rk_status status = rk_check_signature(check, 2, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, left);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[1], dtype, right);
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, outputs);
    if (status == RK_OK) status = rk_check_zero_point(check, p->input1_zero_point);
    if (status == RK_OK) status = rk_check_zero_point(check, p->input2_zero_point);
    if (status == RK_OK) status = rk_check_clamp(check, p->output_zero_point, p->clamp_min, p->clamp_max);
    if (status == RK_OK) status = rk_check_scale(check->operation->rule, p->multiplier, p->shift);
    return status;
}

#include "rk_element_s8.h"
#include "rk_mat_mul_template.h"

#include "rk_element_s16.h"
#include "rk_mat_mul_template.h"

rk_status rk_run_mat_mul(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        multiply_s8(call);
    } else {
        multiply_s16(call);
    }
    return RK_OK;
}
