/*
 * Lookup: every code goes through a table of 256 int8 entries, index = code + 128. All unary functions (sigmoid, tanh, hard swish,
 * leaky relu) are lowered to it. Reference: src/ops/lookup.ts.
 */
#include "rk_check.h"
#include "rk_parameters.h"

enum { TABLE_ENTRIES = 256 };

rk_status rk_check_lookup(rk_check *check) {
    const rk_lookup_parameters *p = check->parameters;
    rk_status status = rk_check_signature(check, 1, RK_S8);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], RK_DTYPE_INT8, p->elements);
    if (status == RK_OK) status = rk_check_tensor(check->output, RK_DTYPE_INT8, p->elements);
    if (status == RK_OK) status = rk_check_constant(check, p->table, TABLE_ENTRIES);
    return status;
}

rk_status rk_run_lookup(const rk_call *call) {
    const rk_lookup_parameters *p = call->parameters;
    const int8_t *table = (const int8_t *)rk_constant(call, p->table) + TABLE_ENTRIES / 2;
    const int8_t *input = call->inputs[0];
    int8_t *output = call->output;
    for (int32_t index = 0; index < p->elements; index++) output[index] = table[input[index]];
    return RK_OK;
}
