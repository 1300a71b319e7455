/*
 * Fully connected layer: input [rows][inputs], weights [outputs][inputs], output [rows][outputs].
 *     y = requantize(bias[o] + sum over i of (w[o][i] - weightZeroPoint) * (x[i] - inputZeroPoint))
 * Reference: src/ops/fully-connected.ts.
 *
 * Scratch: 4 * inputs bytes. This file uses one byte per weight of a row; the fast variants widen the input there.
 */
#include "rk_check.h"
#include "rk_parameters.h"
#include "rk_portable.h"
#include "rk_requantize.h"
#include "rk_weights.h"

rk_status rk_check_fully_connected(rk_check *check) {
    const rk_fully_connected_parameters *p = check->parameters;
    const uint8_t dtype = check->operation->dtype;
    const int32_t weights = rk_elements2(p->outputs, p->inputs);
    rk_status status = rk_check_signature(check, 1, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, rk_elements2(p->rows, p->inputs));
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, rk_elements2(p->rows, p->outputs));
    if (status == RK_OK) status = rk_check_weights(check, p->weights, p->weight_bits, weights);
    if (status == RK_OK) status = rk_check_bias(check, p->bias, p->outputs);
    if (status == RK_OK) status = rk_check_range(p->weight_zero_point, INT8_MIN, INT8_MAX);
    if (status == RK_OK) status = rk_check_zero_point(check, p->input_zero_point);
    if (status == RK_OK) status = rk_check_clamp(check, p->output_zero_point, p->clamp_min, p->clamp_max);
    if (status == RK_OK) status = rk_check_scales(check, p->multiplier, p->shift, p->channel_step, p->outputs);
    check->scratch_bytes = 4u * (uint32_t)p->inputs;
    return status;
}

#include "rk_element_s8.h"
#include "rk_dot_template.h"
#include "rk_fully_connected_template.h"

#include "rk_element_s16.h"
#include "rk_dot_template.h"
#include "rk_fully_connected_template.h"

void rk_fully_connected_portable(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        multiply_s8(call);
    } else {
        multiply_s16(call);
    }
}
