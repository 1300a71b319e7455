/* Pools, channels-last: sixteen channels of codes at a time. */
#include <wasm_simd128.h>

#include "rk_parameters.h"
#include "rk_requantize.h"
#include "rk_window.h"
#include "rkw_variant.h"

enum { CODES = 16, POSITIONS_IN_16_BITS = 256 };

static int plan_max_pool(const rk_operation *operation, rkw_sizes *sizes) {
    const rk_max_pool_parameters *p = (const void *)(operation + 1);
    const rkw_sizes none = {0, 0};
    *sizes = none;
    return operation->dtype == RK_DTYPE_INT8 && p->channels >= CODES;
}

static int plan_global_average(const rk_operation *operation, rkw_sizes *sizes) {
    const rk_global_average_pool_parameters *p = (const void *)(operation + 1);
    const rkw_sizes none = {0, 0};
    *sizes = none;
    return operation->dtype == RK_DTYPE_INT8 && p->channels >= CODES;
}

static void pack_nothing(const rk_operation *operation, const uint8_t *constants, void *packed) {
    (void)operation;
    (void)constants;
    (void)packed;
}

/* The last vector of a pixel ends with its last channel: it repeats some of the one before. */
static inline int32_t vector_at(int32_t channel, int32_t channels) {
    return channel + CODES > channels ? channels - CODES : channel;
}

static void max_pool_sample(const rk_max_pool_parameters *p, const int8_t *input, int8_t *output) {
    const rk_axis rows = RK_ROWS_OF(p);
    const rk_axis columns = RK_COLUMNS_OF(p);
    const v128_t lowest = wasm_i8x16_splat((int8_t)p->clamp_min);
    const v128_t highest = wasm_i8x16_splat((int8_t)p->clamp_max);
    for (int32_t out_y = 0; out_y < p->output_height; out_y++) {
        for (int32_t out_x = 0; out_x < p->output_width; out_x++, output += p->channels) {
            const rk_window window = rk_window_at(&rows, out_y, &columns, out_x, p->channels);
            for (int32_t channel = 0; channel < p->channels; channel += CODES) {
                const int32_t at = vector_at(channel, p->channels);
                v128_t codes = lowest;
                for (int32_t row = 0; row < window.rows; row++) {
                    const int8_t *tap = input + window.first + row * window.row_step + at;
                    for (int32_t column = 0; column < window.columns; column++, tap += window.column_step) {
                        codes = wasm_i8x16_max(codes, wasm_v128_load(tap));
                    }
                }
                wasm_v128_store(output + at, wasm_i8x16_min(codes, highest));
            }
        }
    }
}

static void run_max_pool(const rkw_batch *batch) {
    for (uint32_t sample = 0; sample < batch->samples; sample++) {
        max_pool_sample(batch->parameters, (const int8_t *)batch->inputs[0] + sample * batch->input_bytes[0],
                        (int8_t *)batch->output + sample * batch->output_bytes);
    }
}

/* sums[16] of the codes of sixteen channels over all positions; int16 lanes are emptied before they can overflow. */
static void sum_codes(const int8_t *codes, int32_t positions, int32_t channels, int32_t *sums) {
    v128_t total[4] = {wasm_i32x4_const_splat(0), wasm_i32x4_const_splat(0), wasm_i32x4_const_splat(0),
                       wasm_i32x4_const_splat(0)};
    for (int32_t first = 0; first < positions; first += POSITIONS_IN_16_BITS - 1) {
        const int32_t left = positions - first;
        const int32_t count = left < POSITIONS_IN_16_BITS - 1 ? left : POSITIONS_IN_16_BITS - 1;
        v128_t low = wasm_i16x8_const_splat(0);
        v128_t high = wasm_i16x8_const_splat(0);
        for (int32_t position = 0; position < count; position++, codes += channels) {
            const v128_t values = wasm_v128_load(codes);
            low = wasm_i16x8_add(low, wasm_i16x8_extend_low_i8x16(values));
            high = wasm_i16x8_add(high, wasm_i16x8_extend_high_i8x16(values));
        }
        total[0] = wasm_i32x4_add(total[0], wasm_i32x4_extend_low_i16x8(low));
        total[1] = wasm_i32x4_add(total[1], wasm_i32x4_extend_high_i16x8(low));
        total[2] = wasm_i32x4_add(total[2], wasm_i32x4_extend_low_i16x8(high));
        total[3] = wasm_i32x4_add(total[3], wasm_i32x4_extend_high_i16x8(high));
    }
    for (int32_t part = 0; part < 4; part++) wasm_v128_store(sums + 4 * part, total[part]);
}

static void run_global_average(const rkw_batch *batch) {
    const rk_global_average_pool_parameters *p = batch->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, batch->operation->rule};
    for (uint32_t sample = 0; sample < batch->samples; sample++) {
        const int8_t *input = (const int8_t *)batch->inputs[0] + sample * batch->input_bytes[0];
        int8_t *output = (int8_t *)batch->output + sample * batch->output_bytes;
        for (int32_t channel = 0; channel < p->channels; channel += CODES) {
            const int32_t at = vector_at(channel, p->channels);
            int32_t sums[CODES];
            sum_codes(input + at, p->positions, p->channels, sums);
            for (int32_t lane = 0; lane < CODES; lane++) {
                const int32_t sum = rk_wrapping_subtract(sums[lane], p->positions * p->input_zero_point);
                output[at + lane] = (int8_t)rk_requantize(&epilogue, sum, p->multiplier, p->shift);
            }
        }
    }
}

const rkw_variant rkw_max_pool_variant = {plan_max_pool, pack_nothing, run_max_pool};
const rkw_variant rkw_global_average_pool_variant = {plan_global_average, pack_nothing, run_global_average};
