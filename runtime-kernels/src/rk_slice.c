/*
 * Slice of a tensor of rank 4: output element i of an axis is input element begin + i * step; a step may be negative.
 * Reference: src/ops/slice.ts.
 */
#include "rk_check.h"
#include "rk_parameters.h"
#include "rk_strides.h"

/* The parameters as words: four input sizes, four begins, four steps, four output sizes. */
enum { INPUT_SIZE = 0, BEGIN = 4, STEP = 8, OUTPUT_SIZE = 12 };

static rk_status check_axis(const int32_t *words, int32_t axis) {
    const int32_t input_size = words[INPUT_SIZE + axis];
    const int32_t output_size = words[OUTPUT_SIZE + axis];
    const int64_t begin = words[BEGIN + axis];
    const int64_t last = begin + ((int64_t)output_size - 1) * words[STEP + axis];
    const bool inside = begin >= 0 && begin < input_size && last >= 0 && last < input_size;
    return output_size >= 1 && inside ? RK_OK : RK_ERROR_PARAMETERS;
}

rk_status rk_check_slice(rk_check *check) {
    const rk_slice_parameters *p = check->parameters;
    const uint8_t dtype = check->operation->dtype;
    const int32_t inputs = rk_elements4(p->input_size0, p->input_size1, p->input_size2, p->input_size3);
    const int32_t outputs = rk_elements4(p->output_size0, p->output_size1, p->output_size2, p->output_size3);
    rk_status status = rk_check_signature(check, 1, RK_S8 | RK_S16 | RK_S32);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, inputs);
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, outputs);
    for (int32_t axis = 0; axis < 4 && status == RK_OK; axis++) status = check_axis(check->parameters, axis);
    return status;
}

rk_status rk_run_slice(const rk_call *call) {
    const int32_t *words = call->parameters;
    int32_t strides[4];
    rk_walk walk = {.first = 0};
    rk_strides_of(words + INPUT_SIZE, strides);
    for (int32_t axis = 0; axis < 4; axis++) {
        const int32_t size = words[OUTPUT_SIZE + axis];
        walk.sizes[axis] = size;
        walk.steps[axis] = size > 1 ? words[STEP + axis] * strides[axis] : 0;
        walk.first += words[BEGIN + axis] * strides[axis];
    }
    rk_copy_walk(call, &walk);
    return RK_OK;
}
