/* Resizing for one element type; see rk_resize.c. */
static void RK_NAME(resize_nearest)(const rk_call *call) {
    const rk_resize_parameters *p = call->parameters;
    const int32_t *rows = rk_constant(call, p->row_index);
    const int32_t *columns = rk_constant(call, p->column_index);
    const RK_ELEMENT *input = call->inputs[0];
    RK_ELEMENT *output = call->output;
    for (int32_t out_y = 0; out_y < p->output_height; out_y++) {
        for (int32_t out_x = 0; out_x < p->output_width; out_x++) {
            const RK_ELEMENT *pixel = input + (rows[out_y] * p->input_width + columns[out_x]) * p->channels;
            for (int32_t channel = 0; channel < p->channels; channel++) {
                *output++ = (RK_ELEMENT)rk_clamp(pixel[channel], p->clamp_min, p->clamp_max);
            }
        }
    }
}

static void RK_NAME(resize_bilinear)(const rk_call *call) {
    const rk_resize_parameters *p = call->parameters;
    const interpolation *rows = rk_constant(call, p->row_index);
    const interpolation *columns = rk_constant(call, p->column_index);
    const RK_ELEMENT *input = call->inputs[0];
    RK_ELEMENT *output = call->output;
    for (int32_t out_y = 0; out_y < p->output_height; out_y++) {
        const interpolation *row = &rows[out_y];
        const RK_ELEMENT *upper = input + row->first * p->input_width * p->channels;
        const RK_ELEMENT *lower = input + row->second * p->input_width * p->channels;
        for (int32_t out_x = 0; out_x < p->output_width; out_x++) {
            const interpolation *column = &columns[out_x];
            const int32_t left = column->first * p->channels;
            const int32_t right = column->second * p->channels;
            for (int32_t channel = 0; channel < p->channels; channel++) {
                const int64_t top = blend(upper[left + channel], upper[right + channel], column->weight);
                const int64_t bottom = blend(lower[left + channel], lower[right + channel], column->weight);
                const int64_t sum = top * (WEIGHT_ONE - row->weight) + bottom * row->weight;
                const int32_t code = (int32_t)rk_shift_half_up(sum, SUM_BITS);
                *output++ = (RK_ELEMENT)rk_clamp(code, p->clamp_min, p->clamp_max);
            }
        }
    }
}
