/*
 * Fully connected layer with the DSP extension: int8 activations, 8 or 4-bit weights without zero point; the rest goes to the portable
 * kernel. Two rows at a time as in rk_conv_run.c. Scratch: two columns.
 */
#include "rk_dsp_filters.h"
#include "rk_parameters.h"
#include "rk_portable.h"

static void multiply(const rk_call *call) {
    const rk_fully_connected_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const rk_scales scales = rk_scales_of(call, p->multiplier, p->shift, p->channel_step);
    const rk_dsp_filters filters = {rk_constant(call, p->weights),
                                    rk_constant(call, p->bias),
                                    rk_run_along_channels(&epilogue, &scales, p->outputs),
                                    p->weight_bits,
                                    p->inputs,
                                    p->outputs};
    const int32_t passes = rk_dsp_passes(&filters);
    int16_t *columns = call->scratch;
    for (int32_t first = 0; first < p->rows; first += 2) {
        const int32_t rows = rk_min(2, p->rows - first);
        const int8_t *input = (const int8_t *)call->inputs[0] + first * p->inputs;
        for (int32_t pass = 0; pass < passes; pass++) {
            rk_dsp_widen(input, rows * p->inputs, p->input_zero_point, columns);
            for (int32_t row = 0; row < rows; row++) rk_dsp_arrange(&filters, pass, columns + row * p->inputs);
            rk_dsp_run_filters(&filters, pass, columns, rows, (int8_t *)call->output + first * p->outputs);
        }
    }
}

rk_status rk_run_fully_connected(const rk_call *call);

rk_status rk_run_fully_connected(const rk_call *call) {
    const rk_fully_connected_parameters *p = call->parameters;
    if (call->operation->dtype != RK_DTYPE_INT8 || p->weight_bits == 2 || p->weight_zero_point != 0 ||
        p->inputs > RK_DSP_SIZE_MAX) {
        rk_fully_connected_portable(call);
        return RK_OK;
    }
    multiply(call);
    return RK_OK;
}
