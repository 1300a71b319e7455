/*
 * Rows of a constant table by int32 indices (an embedding): output [count][width] int8. Indices are data, so this is the one kernel
 * that can fail at run time: RK_ERROR_INDEX for an index outside [0, rows). Reference: src/ops/gather.ts.
 */
#include "rk_check.h"
#include "rk_parameters.h"
#include "rk_weights.h"

rk_status rk_check_gather(rk_check *check) {
    const rk_gather_parameters *p = check->parameters;
    rk_status status = rk_check_signature(check, 1, RK_S8);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], RK_DTYPE_INT32, p->count);
    if (status == RK_OK) status = rk_check_tensor(check->output, RK_DTYPE_INT8, rk_elements2(p->count, p->width));
    if (status == RK_OK) status = rk_check_weights(check, p->table, p->weight_bits, rk_elements2(p->rows, p->width));
    return status;
}

rk_status rk_run_gather(const rk_call *call) {
    const rk_gather_parameters *p = call->parameters;
    const uint8_t *table = rk_constant(call, p->table);
    const int32_t *indices = call->inputs[0];
    int8_t *output = call->output;
    for (int32_t at = 0; at < p->count; at++) {
        const int32_t row = indices[at];
        if (row < 0 || row >= p->rows) return RK_ERROR_INDEX;
        for (int32_t column = 0; column < p->width; column++) {
            *output++ = rk_weight_at(table, p->weight_bits, row * p->width + column);
        }
    }
    return RK_OK;
}
