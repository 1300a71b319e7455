/* Max pooling for one element type; see rk_max_pool.c. */

/* The largest code of a clipped window in one channel, `lowest` at least; `input` points at the channel of its first valid tap. */
static int32_t RK_NAME(largest)(const RK_ELEMENT *input, const rk_window *window, int32_t lowest) {
    int32_t highest = lowest;
    for (int32_t row = 0; row < window->rows; row++) {
        for (int32_t column = 0; column < window->columns; column++) {
            const int32_t code = input[row * window->row_step + column * window->column_step];
            if (code > highest) highest = code;
        }
    }
    return highest;
}

static void RK_NAME(pool)(const rk_call *call) {
    const rk_max_pool_parameters *p = call->parameters;
    const rk_axis rows = RK_ROWS_OF(p);
    const rk_axis columns = RK_COLUMNS_OF(p);
    RK_ELEMENT *output = call->output;
    for (int32_t out_y = 0; out_y < p->output_height; out_y++) {
        for (int32_t out_x = 0; out_x < p->output_width; out_x++) {
            const rk_window window = rk_window_at(&rows, out_y, &columns, out_x, p->channels);
            const RK_ELEMENT *input = (const RK_ELEMENT *)call->inputs[0] + window.first;
            for (int32_t channel = 0; channel < p->channels; channel++) {
                const int32_t code = RK_NAME(largest)(input + channel, &window, p->clamp_min);
                *output++ = (RK_ELEMENT)rk_min(code, p->clamp_max);
            }
        }
    }
}
