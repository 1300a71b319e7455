/* Padding of a tensor of rank 4 with one code, usually the zero point. Reference: src/ops/pad.ts. */
#include "rk_check.h"
#include "rk_parameters.h"

/* The parameters as words: four input sizes, four paddings before, four output sizes, the code. */
enum { INPUT_SIZE = 0, BEFORE = 4, OUTPUT_SIZE = 8 };

static rk_status check_axis(const int32_t *words, int32_t axis) {
    const int32_t before = words[BEFORE + axis];
    const int32_t output_size = words[OUTPUT_SIZE + axis];
    const bool fits = before >= 0 && before <= output_size && words[INPUT_SIZE + axis] <= output_size - before;
    return fits ? RK_OK : RK_ERROR_PARAMETERS;
}

rk_status rk_check_pad(rk_check *check) {
    const rk_pad_parameters *p = check->parameters;
    const uint8_t dtype = check->operation->dtype;
    const int32_t inputs = rk_elements4(p->input_size0, p->input_size1, p->input_size2, p->input_size3);
    const int32_t outputs = rk_elements4(p->output_size0, p->output_size1, p->output_size2, p->output_size3);
    rk_status status = rk_check_signature(check, 1, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, inputs);
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, outputs);
    if (status == RK_OK) status = rk_check_zero_point(check, p->value);
    for (int32_t axis = 0; axis < 4 && status == RK_OK; axis++) status = check_axis(check->parameters, axis);
    return status;
}

#include "rk_element_s8.h"
#include "rk_pad_template.h"

#include "rk_element_s16.h"
#include "rk_pad_template.h"

rk_status rk_run_pad(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        pad_s8(call->inputs[0], call->output, call->parameters);
    } else {
        pad_s16(call->inputs[0], call->output, call->parameters);
    }
    return RK_OK;
}
