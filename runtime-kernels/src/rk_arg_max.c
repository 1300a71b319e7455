/* Index of the largest code of each row, the first one among equals; the output is int32 [rows]. Reference: src/ops/arg-max.ts. */
#include "rk_check.h"
#include "rk_parameters.h"

rk_status rk_check_arg_max(rk_check *check) {
    const rk_arg_max_parameters *p = check->parameters;
    const uint8_t dtype = check->operation->dtype;
    rk_status status = rk_check_signature(check, 1, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, rk_elements2(p->rows, p->depth));
    if (status == RK_OK) status = rk_check_tensor(check->output, RK_DTYPE_INT32, p->rows);
    return status;
}

#include "rk_element_s8.h"
#include "rk_arg_max_template.h"

#include "rk_element_s16.h"
#include "rk_arg_max_template.h"

rk_status rk_run_arg_max(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        arg_max_s8(call->inputs[0], call->output, call->parameters);
    } else {
        arg_max_s16(call->inputs[0], call->output, call->parameters);
    }
    return RK_OK;
}
