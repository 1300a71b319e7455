/* Transposition of a tensor of rank 4: output axis i is input axis `axis<i>`. Reference: src/ops/transpose.ts. */
#include "rk_check.h"
#include "rk_parameters.h"
#include "rk_strides.h"

/* The parameters as words: four input sizes, four axes. */
enum { INPUT_SIZE = 0, AXIS = 4 };

rk_status rk_check_transpose(rk_check *check) {
    const rk_transpose_parameters *p = check->parameters;
    const int32_t *axes = (const int32_t *)check->parameters + AXIS;
    const uint8_t dtype = check->operation->dtype;
    const int32_t elements = rk_elements4(p->input_size0, p->input_size1, p->input_size2, p->input_size3);
    uint32_t seen = 0;
    for (int32_t axis = 0; axis < 4; axis++) {
        if (axes[axis] < 0 || axes[axis] > 3) return RK_ERROR_PARAMETERS;
        seen |= 1u << axes[axis];
    }
    if (seen != 15u) return RK_ERROR_PARAMETERS;
    rk_status status = rk_check_signature(check, 1, RK_S8 | RK_S16 | RK_S32);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, elements);
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, elements);
    return status;
}

rk_status rk_run_transpose(const rk_call *call) {
    const int32_t *words = call->parameters;
    int32_t strides[4];
    rk_walk walk = {.first = 0};
    rk_strides_of(words + INPUT_SIZE, strides);
    for (int32_t axis = 0; axis < 4; axis++) {
        const int32_t from = words[AXIS + axis];
        walk.sizes[axis] = words[INPUT_SIZE + from];
        walk.steps[axis] = strides[from];
    }
    rk_copy_walk(call, &walk);
    return RK_OK;
}
