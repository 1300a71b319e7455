/*
 * Average pooling, channels-last. Methods 0 and 1 average the codes themselves (input and output share scale and zero point): half
 * away from zero as TFLite's integer division does, or floor. Method 2 averages float32 values and quantizes half to even. Padding is
 * left out, or counted as real zeros with countIncludePad. Reference: src/ops/average-pool.ts.
 */
#include "rk_check.h"
#include "rk_parameters.h"
#include "rk_requantize.h"
#include "rk_window.h"

enum { METHOD_HALF_AWAY = 0, METHOD_FLOOR = 1, METHOD_FLOAT = 2 };

/* Sums of so many int16 codes, and the rounding added to them, fit int32. */
enum { TAPS_MAX = 65535 };

/* A clipped window: valid rows and columns, and the elements between neighbours. */
typedef struct window_steps {
    int32_t rows;
    int32_t row_step;
    int32_t columns;
    int32_t column_step;
} window_steps;

static window_steps steps_of(const rk_average_pool_parameters *p, rk_span rows, rk_span columns) {
    window_steps steps;
    steps.rows = rows.last - rows.first;
    steps.row_step = steps.rows > 1 ? p->dilation_height * p->input_width * p->channels : 0;
    steps.columns = columns.last - columns.first;
    steps.column_step = steps.columns > 1 ? p->dilation_width * p->channels : 0;
    return steps;
}

static rk_status check_method(const rk_average_pool_parameters *p) {
    rk_status status = rk_check_range(p->method, METHOD_HALF_AWAY, METHOD_FLOAT);
    if (status == RK_OK) status = rk_check_range(p->count_include_pad, 0, 1);
    if (status == RK_OK && p->method == METHOD_FLOAT) {
        status = rk_check_positive_float(p->input_multiplier);
        if (status == RK_OK) status = rk_check_positive_float(p->output_multiplier);
    }
    return status;
}

rk_status rk_check_average_pool(rk_check *check) {
    const rk_average_pool_parameters *p = check->parameters;
    const rk_axis rows = RK_ROWS_OF(p);
    const rk_axis columns = RK_COLUMNS_OF(p);
    const uint8_t dtype = check->operation->dtype;
    const int32_t inputs = rk_elements3(p->input_height, p->input_width, p->channels);
    const int32_t outputs = rk_elements3(p->output_height, p->output_width, p->channels);
    rk_status status = rk_check_signature(check, 1, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_axis(&rows, true);
    if (status == RK_OK) status = rk_check_axis(&columns, true);
    if (status == RK_OK) status = rk_check_range(rk_elements2(p->kernel_height, p->kernel_width), 1, TAPS_MAX);
    if (status == RK_OK) status = rk_check_tensor(check->inputs[0], dtype, inputs);
    if (status == RK_OK) status = rk_check_tensor(check->output, dtype, outputs);
    if (status == RK_OK) status = rk_check_zero_point(check, p->input_zero_point);
    if (status == RK_OK) status = rk_check_clamp(check, p->output_zero_point, p->clamp_min, p->clamp_max);
    if (status == RK_OK) status = check_method(p);
    return status;
}

#include "rk_element_s8.h"
#include "rk_average_pool_template.h"

#include "rk_element_s16.h"
#include "rk_average_pool_template.h"

rk_status rk_run_average_pool(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        pool_s8(call);
    } else {
        pool_s16(call);
    }
    return RK_OK;
}
