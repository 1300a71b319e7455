/*
 * Fully connected layer for Cortex-M0+: int8 activations, 8 or 4-bit weights without zero point; the rest goes to the portable kernel.
 * Two rows side by side as in rk_conv_run.c; a single row leaves the other half 0. Scratch: one pair word per input.
 */
#include "rk_m0_filters.h"
#include "rk_parameters.h"
#include "rk_portable.h"

static RK_NOINLINE void lay_out_rows(const int8_t *row0, const int8_t *row1, int32_t inputs, int32_t zero_point,
                                     uint32_t *pairs) {
    for (int32_t index = 0; index < inputs; index++) {
        const uint32_t x0 = (uint32_t)(row0[index] - zero_point) & 0xFFFFu;
        const uint32_t x1 = row1 == NULL ? 0 : (uint32_t)(row1[index] - zero_point);
        pairs[index] = x1 << 16 | x0;
    }
}

static void multiply(const rk_call *call) {
    const rk_fully_connected_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const rk_scales scales = rk_scales_of(call, p->multiplier, p->shift, p->channel_step);
    const rk_m0_filters filters = {rk_constant(call, p->weights),
                                   rk_constant(call, p->bias),
                                   rk_run_along_channels(&epilogue, &scales, p->outputs),
                                   p->weight_bits,
                                   p->inputs,
                                   p->outputs};
    const int8_t *input = call->inputs[0];
    int8_t *output = call->output;
    for (int32_t row = 0; row < p->rows; row += 2) {
        const int32_t rows = rk_min(2, p->rows - row);
        lay_out_rows(input, rows == 2 ? input + p->inputs : NULL, p->inputs, p->input_zero_point, call->scratch);
        rk_m0_run_filters(&filters, call->scratch, output, rows);
        input += 2 * p->inputs;
        output += 2 * p->outputs;
    }
}

rk_status rk_run_fully_connected(const rk_call *call);

rk_status rk_run_fully_connected(const rk_call *call) {
    const rk_fully_connected_parameters *p = call->parameters;
    if (call->operation->dtype != RK_DTYPE_INT8 || p->weight_bits == 2 || p->weight_zero_point != 0) {
        rk_fully_connected_portable(call);
        return RK_OK;
    }
    multiply(call);
    return RK_OK;
}
