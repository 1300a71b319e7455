/*
 * Max pooling, channels-last: the largest code of each window, padding left out, then clamped; clampMin where a window has no valid
 * tap. Reference: src/ops/max-pool.ts.
 */
#include "rk_check.h"
#include "rk_parameters.h"
#include "rk_rounding.h"
#include "rk_window.h"

rk_status rk_check_max_pool(rk_check *check) {
    const rk_max_pool_parameters *p = check->parameters;
    const rk_axis rows = RK_ROWS_OF(p);
    const rk_axis columns = RK_COLUMNS_OF(p);
    const uint8_t dtype = check->operation->dtype;
    const int32_t inputs = rk_elements3(p->input_height, p->input_width, p->channels);
    const int32_t outputs = rk_elements3(p->output_height, p->output_width, p->channels);
    rk_status status = rk_check_signature(check, 1, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_axis(&rows);
    if (status == RK_OK) status = rk_check_axis(&columns);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, inputs);
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, outputs);
    if (status == RK_OK) status = rk_check_clamp(check, 0, p->clamp_min, p->clamp_max);
    return status;
}

#include "rk_element_s8.h"
#include "rk_max_pool_template.h"

#include "rk_element_s16.h"
#include "rk_max_pool_template.h"

rk_status rk_run_max_pool(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        pool_s8(call);
    } else {
        pool_s16(call);
    }
    return RK_OK;
}
