/*
 * Average pooling, channels-last. Methods 0 and 1 need no scale (input and output share it): 0 divides the sum of the codes, half
 * away from zero, as TFLite does; 1 divides the sum of the differences to the zero point, floor. Method 2 averages float32 values and
 * adds the zero point before it rounds half to even, as QLinearAveragePool does on uint8 codes. Methods 3 and 4 scale the sum of the differences once
 * in float32 and round half to even, or half up, as ESP-DL does. Padding is left out, or counted as real zeros with
 * countIncludePad; a window without a valid tap gives the zero point. Reference: src/ops/average-pool.ts.
 */
#include "rk_check.h"
#include "rk_parameters.h"
#include "rk_requantize.h"
#include "rk_window.h"

enum { METHOD_HALF_AWAY = 0, METHOD_FLOOR = 1, METHOD_FLOAT = 2, METHOD_SUM_HALF_EVEN = 3, METHOD_SUM_HALF_UP = 4 };

/* Sums of so many differences, and the rounding added to them, fit int32. */
enum { TAPS_MAX_S8 = 65535, TAPS_MAX_S16 = 32767 };

/* From the codes here to uint8: the sum with the zero point is rounded to float32 there, where what lies beside a tie may become one. */
enum { NATIVE_SHIFT = 128 };

static int32_t quantize_mean(const rk_average_pool_parameters *p, float mean) {
    const float code = mean / rk_float_from_bits(p->output_multiplier) + (float)(p->output_zero_point + NATIVE_SHIFT);
    return rk_round_half_even_clamped(code, p->clamp_min + NATIVE_SHIFT, p->clamp_max + NATIVE_SHIFT) - NATIVE_SHIFT;
}

/* The sum of the differences to the zero point, scaled to output codes in one multiplication. */
static int32_t quantize_sum(const rk_average_pool_parameters *p, int32_t sum, int32_t count) {
    const float divisor = rk_float_from_bits(p->output_multiplier) * (float)count;
    const float value = (float)sum * (rk_float_from_bits(p->input_multiplier) / divisor);
    const int32_t zero_point = p->output_zero_point;
    const int32_t low = p->clamp_min - zero_point;
    const int32_t high = p->clamp_max - zero_point;
    if (p->method == METHOD_SUM_HALF_EVEN) return rk_round_half_even_clamped(value, low, high) + zero_point;
    return rk_round_half_up_clamped(value, low, high) + zero_point;
}

static rk_status check_method(const rk_average_pool_parameters *p) {
    rk_status status = rk_check_range(p->method, METHOD_HALF_AWAY, METHOD_SUM_HALF_UP);
    if (status == RK_OK) status = rk_check_range(p->count_include_pad, 0, 1);
    if (status == RK_OK && p->method >= METHOD_FLOAT) {
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
    const int32_t taps = rk_elements2(p->kernel_height, p->kernel_width);
    rk_status status = rk_check_signature(check, 1, RK_S8 | RK_S16);
    if (status == RK_OK) status = rk_check_axis(&rows);
    if (status == RK_OK) status = rk_check_axis(&columns);
    if (status == RK_OK) status = rk_check_range(taps, 1, dtype == RK_DTYPE_INT8 ? TAPS_MAX_S8 : TAPS_MAX_S16);
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
