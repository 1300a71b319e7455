/* Max pooling for one element type; see rk_max_pool.c. */

/* The largest code of a clipped window in one channel; `input` points at the channel of the window's first valid tap. */
static RK_ELEMENT RK_NAME(largest)(const RK_ELEMENT *input, int32_t rows, int32_t row_step, int32_t columns,
                                   int32_t column_step) {
    RK_ELEMENT highest = *input;
    for (int32_t row = 0; row < rows; row++) {
        for (int32_t column = 0; column < columns; column++) {
            const RK_ELEMENT code = input[row * row_step + column * column_step];
            if (code > highest) highest = code;
        }
    }
    return highest;
}

static void RK_NAME(pool)(const rk_call *call) {
    const rk_max_pool_parameters *p = call->parameters;
    const RK_ELEMENT *input = call->inputs[0];
    RK_ELEMENT *output = call->output;
    for (int32_t out_y = 0; out_y < p->output_height; out_y++) {
        const int32_t origin_y = out_y * p->stride_height - p->pad_top;
        const rk_span rows = rk_clip_window(origin_y, p->kernel_height, p->dilation_height, p->input_height);
        const int32_t row_count = rows.last - rows.first;
        const int32_t row_step = row_count > 1 ? p->dilation_height * p->input_width * p->channels : 0;
        const int32_t in_y = origin_y + rows.first * p->dilation_height;
        for (int32_t out_x = 0; out_x < p->output_width; out_x++) {
            const int32_t origin_x = out_x * p->stride_width - p->pad_left;
            const rk_span columns = rk_clip_window(origin_x, p->kernel_width, p->dilation_width, p->input_width);
            const int32_t column_count = columns.last - columns.first;
            const int32_t column_step = column_count > 1 ? p->dilation_width * p->channels : 0;
            const int32_t in_x = origin_x + columns.first * p->dilation_width;
            const RK_ELEMENT *window = input + (in_y * p->input_width + in_x) * p->channels;
            for (int32_t channel = 0; channel < p->channels; channel++) {
                const RK_ELEMENT code =
                    RK_NAME(largest)(window + channel, row_count, row_step, column_count, column_step);
                *output++ = (RK_ELEMENT)rk_clamp(code, p->clamp_min, p->clamp_max);
            }
        }
    }
}
