/*
 * Resizing of height and width, channels-last, along index tables that the host builds. Nearest: one source row (column) per output
 * row (column). Bilinear: two sources and the weight of the second in 1/2048; the four products are summed exactly in 1/2^22 and
 * rounded once, half up, whatever the rule; so the zero point needs no removal. Reference: src/ops/resize.ts.
 */
#include "rk_check.h"
#include "rk_parameters.h"
#include "rk_rounding.h"

enum { MODE_NEAREST = 0, MODE_BILINEAR = 1 };
enum { WEIGHT_BITS = 11, WEIGHT_ONE = 1 << WEIGHT_BITS, SUM_BITS = 2 * WEIGHT_BITS };

/* An entry of a bilinear table. */
typedef struct interpolation {
    int32_t first;
    int32_t second;
    int32_t weight; /* of `second`, 0 to 2048 */
} interpolation;

/* Every index of a table lies inside [0, size), every weight in [0, 1]. */
static rk_status check_table(const rk_check *check, uint32_t offset, int32_t mode, int32_t entries, int32_t size) {
    const int32_t words = mode == MODE_BILINEAR ? 3 : 1;
    const rk_status status = rk_check_constant(check, offset, 4u * (uint32_t)words * (uint32_t)entries);
    if (status != RK_OK) return status;
    const int32_t *table = (const int32_t *)(const void *)(check->constants + offset);
    for (int32_t word = 0; word < entries * words; word++) {
        const int32_t highest = word % words == 2 ? WEIGHT_ONE : size - 1;
        if (table[word] < 0 || table[word] > highest) return RK_ERROR_CONSTANT;
    }
    return RK_OK;
}

rk_status rk_check_resize(rk_check *check) {
    const rk_resize_parameters *p = check->parameters;
    const uint8_t dtype = check->operation->dtype;
    const int32_t inputs = rk_elements3(p->input_height, p->input_width, p->channels);
    const int32_t outputs = rk_elements3(p->output_height, p->output_width, p->channels);
    rk_status status = rk_check_signature(check, 1, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_range(p->mode, MODE_NEAREST, MODE_BILINEAR);
    if (status == RK_OK) status = rk_check_range(p->output_height, 1, RK_SIZE_MAX);
    if (status == RK_OK) status = rk_check_range(p->output_width, 1, RK_SIZE_MAX);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, inputs);
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, outputs);
    if (status == RK_OK) status = rk_check_clamp(check, p->zero_point, p->clamp_min, p->clamp_max);
    if (status == RK_OK) status = check_table(check, p->row_index, p->mode, p->output_height, p->input_height);
    if (status == RK_OK) status = check_table(check, p->column_index, p->mode, p->output_width, p->input_width);
    return status;
}

static int32_t blend(int32_t first, int32_t second, int32_t weight) {
    return first * (WEIGHT_ONE - weight) + second * weight;
}

#include "rk_element_s8.h"
#include "rk_resize_template.h"

#include "rk_element_s16.h"
#include "rk_resize_template.h"

rk_status rk_run_resize(const rk_call *call) {
    const rk_resize_parameters *p = call->parameters;
    const int is_int8 = call->operation->dtype == RK_DTYPE_INT8;
    if (p->mode == MODE_NEAREST) {
        (is_int8 ? resize_nearest_s8 : resize_nearest_s16)(call);
    } else {
        (is_int8 ? resize_bilinear_s8 : resize_bilinear_s16)(call);
    }
    return RK_OK;
}
