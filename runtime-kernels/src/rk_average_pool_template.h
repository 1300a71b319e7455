/* Average pooling for one element type; see rk_average_pool.c. */

/* The sum of the codes of a clipped window; `input` points at the channel of its first valid tap. */
static int32_t RK_NAME(sum_codes)(const RK_ELEMENT *input, const rk_window *window) {
    int32_t sum = 0;
    for (int32_t row = 0; row < window->rows; row++) {
        for (int32_t column = 0; column < window->columns; column++) {
            sum += input[row * window->row_step + column * window->column_step];
        }
    }
    return sum;
}

/* The sum of the real values, rounded to float32 after each step, in the order of the taps. */
static float RK_NAME(sum_floats)(const RK_ELEMENT *input, const rk_window *window, int32_t zero_point, float scale) {
    float sum = 0.0f;
    for (int32_t row = 0; row < window->rows; row++) {
        for (int32_t column = 0; column < window->columns; column++) {
            const int32_t code = input[row * window->row_step + column * window->column_step];
            sum += (float)(code - zero_point) * scale;
        }
    }
    return sum;
}

static int32_t RK_NAME(average)(const rk_average_pool_parameters *p, const RK_ELEMENT *input,
                                const rk_window *window) {
    const int32_t valid = window->rows * window->columns;
    const int32_t count = p->count_include_pad ? p->kernel_height * p->kernel_width : valid;
    if (count == 0) return rk_clamp(p->input_zero_point, p->clamp_min, p->clamp_max);
    if (p->method == METHOD_FLOAT) {
        const float scale = rk_float_from_bits(p->input_multiplier);
        const float mean = RK_NAME(sum_floats)(input, window, p->input_zero_point, scale) / (float)count;
        return quantize_mean(p, mean);
    }
    const int32_t sum = RK_NAME(sum_codes)(input, window);
    if (p->method >= METHOD_SUM_HALF_EVEN) return quantize_sum(p, sum - valid * p->input_zero_point, count);
    if (p->method == METHOD_FLOOR) {
        const int32_t mean = rk_divide_floor(sum - valid * p->input_zero_point, count);
        return rk_clamp(mean + p->output_zero_point, p->clamp_min, p->clamp_max);
    }
    const int32_t padded = sum + (count - valid) * p->input_zero_point;
    return rk_clamp(rk_divide_half_away(padded, count), p->clamp_min, p->clamp_max);
}

static void RK_NAME(pool)(const rk_call *call) {
    const rk_average_pool_parameters *p = call->parameters;
    const rk_axis rows = RK_ROWS_OF(p);
    const rk_axis columns = RK_COLUMNS_OF(p);
    RK_ELEMENT *output = call->output;
    for (int32_t out_y = 0; out_y < p->output_height; out_y++) {
        for (int32_t out_x = 0; out_x < p->output_width; out_x++) {
            const rk_window window = rk_window_at(&rows, out_y, &columns, out_x, p->channels);
            const RK_ELEMENT *input = (const RK_ELEMENT *)call->inputs[0] + window.first;
            for (int32_t channel = 0; channel < p->channels; channel++) {
                *output++ = (RK_ELEMENT)RK_NAME(average)(p, input + channel, &window);
            }
        }
    }
}
