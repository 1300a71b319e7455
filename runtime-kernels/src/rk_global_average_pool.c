/*
 * Average over all positions of a channel: y = requantize(sum over positions of (x - zeroPoint)), 1 / positions being part of the
 * multiplier (TFLite's MEAN, QLinearGlobalAveragePool). Reference: src/ops/global-average-pool.ts.
 */
#include "rk_check.h"
#include "rk_parameters.h"
#include "rk_requantize.h"

/* 255 * POSITIONS_MAX fits int32. */
enum { POSITIONS_MAX = 1 << 23 };

rk_status rk_check_global_average_pool(rk_check *check) {
    const rk_global_average_pool_parameters *p = check->parameters;
    const uint8_t dtype = check->operation->dtype;
    rk_status status = rk_check_signature(check, 1, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_range(p->positions, 1, POSITIONS_MAX);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, rk_elements2(p->positions, p->channels));
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, p->channels);
    if (status == RK_OK) status = rk_check_zero_point(check, p->input_zero_point);
    if (status == RK_OK) status = rk_check_clamp(check, p->output_zero_point, p->clamp_min, p->clamp_max);
    if (status == RK_OK) status = rk_check_scale(check->operation->rule, p->multiplier, p->shift);
    return status;
}

#include "rk_element_s8.h"
#include "rk_global_average_pool_template.h"

#include "rk_element_s16.h"
#include "rk_global_average_pool_template.h"

rk_status rk_run_global_average_pool(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        average_s8(call);
    } else {
        average_s16(call);
    }
    return RK_OK;
}
