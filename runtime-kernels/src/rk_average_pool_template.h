/* Average pooling for one element type; see rk_average_pool.c. */

/* The sum of the codes of a clipped window; `input` points at the channel of its first valid tap. */
static int32_t RK_NAME(sum_codes)(const RK_ELEMENT *input, const window_steps *steps) {
    int32_t sum = 0;
    for (int32_t row = 0; row < steps->rows; row++) {
        for (int32_t column = 0; column < steps->columns; column++) {
            sum += input[row * steps->row_step + column * steps->column_step];
        }
    }
    return sum;
}

/* The sum of the real values, rounded to float32 after each step, in the order of the taps. */
static float RK_NAME(sum_floats)(const RK_ELEMENT *input, const window_steps *steps, int32_t zero_point, float scale) {
    float sum = 0.0f;
    for (int32_t row = 0; row < steps->rows; row++) {
        for (int32_t column = 0; column < steps->columns; column++) {
            const int32_t code = input[row * steps->row_step + column * steps->column_step];
            sum += (float)(code - zero_point) * scale;
        }
    }
    return sum;
}

static int32_t RK_NAME(average)(const rk_average_pool_parameters *p, const rk_epilogue *epilogue,
                                const RK_ELEMENT *input, const window_steps *steps) {
    const int32_t valid = steps->rows * steps->columns;
    const int32_t taps = p->kernel_height * p->kernel_width;
    const int32_t count = p->count_include_pad ? taps : valid;
    if (p->method == METHOD_FLOAT) {
        const float scale = rk_float_from_bits(p->input_multiplier);
        const float mean = RK_NAME(sum_floats)(input, steps, p->input_zero_point, scale) / (float)count;
        return rk_quantize_float(epilogue, mean / rk_float_from_bits(p->output_multiplier));
    }
    const int32_t sum = RK_NAME(sum_codes)(input, steps) + (count - valid) * p->input_zero_point;
    const int32_t mean = p->method == METHOD_FLOOR ? rk_divide_floor(sum, count) : rk_divide_half_away(sum, count);
    return rk_clamp(mean, p->clamp_min, p->clamp_max);
}

static void RK_NAME(pool)(const rk_call *call) {
    const rk_average_pool_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const RK_ELEMENT *input = call->inputs[0];
    RK_ELEMENT *output = call->output;
    for (int32_t out_y = 0; out_y < p->output_height; out_y++) {
        const int32_t origin_y = out_y * p->stride_height - p->pad_top;
        const rk_span rows = rk_clip_window(origin_y, p->kernel_height, p->dilation_height, p->input_height);
        const int32_t in_y = origin_y + rows.first * p->dilation_height;
        for (int32_t out_x = 0; out_x < p->output_width; out_x++) {
            const int32_t origin_x = out_x * p->stride_width - p->pad_left;
            const rk_span columns = rk_clip_window(origin_x, p->kernel_width, p->dilation_width, p->input_width);
            const int32_t in_x = origin_x + columns.first * p->dilation_width;
            const RK_ELEMENT *window = input + (in_y * p->input_width + in_x) * p->channels;
            const window_steps steps = steps_of(p, rows, columns);
            for (int32_t channel = 0; channel < p->channels; channel++) {
                *output++ = (RK_ELEMENT)RK_NAME(average)(p, &epilogue, window + channel, &steps);
            }
        }
    }
}
