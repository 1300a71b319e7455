/* Requantization of a tensor to another scale and zero point: y = requantize(x - inputZeroPoint). Reference: src/ops/requantize.ts. */
#include "rk_requantize.h"

#include "rk_check.h"
#include "rk_parameters.h"

rk_status rk_check_requantize(rk_check *check) {
    const rk_requantize_parameters *p = check->parameters;
    const uint8_t dtype = check->operation->dtype;
    rk_status status = rk_check_signature(check, 1, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, p->elements);
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, p->elements);
    if (status == RK_OK) status = rk_check_zero_point(check, p->input_zero_point);
    if (status == RK_OK) status = rk_check_clamp(check, p->output_zero_point, p->clamp_min, p->clamp_max);
    if (status == RK_OK) status = rk_check_scale(check->operation->rule, p->multiplier, p->shift);
    return status;
}

#include "rk_element_s8.h"
#include "rk_requantize_template.h"

#include "rk_element_s16.h"
#include "rk_requantize_template.h"

rk_status rk_run_requantize(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        rescale_s8(call);
    } else {
        rescale_s16(call);
    }
    return RK_OK;
}
