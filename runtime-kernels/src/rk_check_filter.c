/* The common checks of convolutions; see rk_check_filter.h. */
#include "rk_check_filter.h"

static rk_status check_sizes(const rk_check *check, const rk_filter *f) {
    const uint8_t dtype = check->operation->dtype;
    const int32_t inputs = rk_elements3(f->rows.input, f->columns.input, f->input_channels);
    const int32_t outputs = rk_elements3(f->rows.output, f->columns.output, f->output_channels);
    const int32_t weights = rk_elements2(f->output_channels, f->filter_size);
    rk_status status = rk_check_tensor(check->inputs[0], dtype, inputs);
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, outputs);
    if (status == RK_OK) status = rk_check_weights(check, f->weights, f->weight_bits, weights);
    if (status == RK_OK) status = rk_check_bias(check, f->bias, f->output_channels);
    return status;
}

rk_status rk_check_filter(const rk_check *check, const rk_filter *f) {
    rk_status status = rk_check_signature(check, 1, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_axis(&f->rows);
    if (status == RK_OK) status = rk_check_axis(&f->columns);
    if (status == RK_OK) status = check_sizes(check, f);
    if (status == RK_OK) status = rk_check_zero_point(check, f->input_zero_point);
    if (status == RK_OK) status = rk_check_clamp(check, f->output_zero_point, f->clamp_min, f->clamp_max);
    if (status == RK_OK) status = rk_check_scales(check, f->multiplier, f->shift, f->channel_step, f->output_channels);
    return status;
}
