/*
 * Concatenation along one axis: for each outer step, the inner runs of all inputs one after the other. All scales are equal, so codes
 * are copied; a copy does not care for the type, only for its bytes. Reference: src/ops/concat.ts.
 */
#include "rk_check.h"
#include "rk_parameters.h"

/* The runs of the inputs are the words after `outer`. */
static const int32_t *inner_runs(const rk_concat_parameters *p) {
    return (const int32_t *)p + 1;
}

rk_status rk_check_concat(rk_check *check) {
    const rk_concat_parameters *p = check->parameters;
    const int32_t *inner = inner_runs(p);
    const uint8_t dtype = check->operation->dtype;
    const int32_t inputs = check->operation->input_count;
    int32_t left = (int32_t)(check->output->size_bytes >> (dtype - 1));
    for (int32_t input = 0; input < RK_INPUTS_MAX; input++) {
        if (input >= inputs) {
            if (inner[input] != 0) return RK_ERROR_PARAMETERS;
            continue;
        }
        const int32_t elements = rk_elements2(p->outer, inner[input]);
        const rk_status status = rk_check_tensor(check->inputs[input], dtype, elements);
        if (status != RK_OK) return status;
        if (elements > left) return RK_ERROR_SHAPE;
        left -= elements;
    }
    return left == 0 && check->output->dtype == dtype ? RK_OK : RK_ERROR_SHAPE;
}

rk_status rk_run_concat(const rk_call *call) {
    const rk_concat_parameters *p = call->parameters;
    const int32_t *inner = inner_runs(p);
    const int32_t element_bytes = 1 << (call->operation->dtype - 1);
    uint8_t *output = call->output;
    for (int32_t step = 0; step < p->outer; step++) {
        for (int32_t input = 0; input < call->operation->input_count; input++) {
            const int32_t run_bytes = inner[input] * element_bytes;
            const uint8_t *run = (const uint8_t *)call->inputs[input] + step * run_bytes;
            for (int32_t index = 0; index < run_bytes; index++) *output++ = run[index];
        }
    }
    return RK_OK;
}
