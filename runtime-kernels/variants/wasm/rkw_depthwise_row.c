/* The windows of a depthwise convolution over an interleaved band (rkw_depthwise_conv.c): sums of one panel of one output row. */
#include "rkw_depthwise.h"

#include <wasm_simd128.h>

#include "rkw_epilogue.h"

/* Sums of `count` outputs of one panel from the tap of the first one on; steps are in elements. */
static void any_window(const rk_depthwise_conv_parameters *p, const rkw_depthwise_geometry *g, const int16_t *source, int32_t step,
                       const int16_t *weights, const int32_t *start, int32_t count, int32_t *sums) {
    const int32_t column_step = p->dilation_width * g->channels * 2;
    const int32_t pair_step = 2 * p->dilation_height * g->row_elements * 2;
    for (int32_t position = 0; position < count; position++, source += step, sums += RKW_LANES) {
        v128_t low = wasm_v128_load(start);
        v128_t high = wasm_v128_load(start + 4);
        const int16_t *words = weights;
        for (int32_t pair = 0; pair < g->row_pairs; pair++) {
            const int16_t *tap = source + pair * pair_step;
            for (int32_t column = 0; column < p->kernel_width; column++, tap += column_step, words += 16) {
                low = wasm_i32x4_add(low, wasm_i32x4_dot_i16x8(wasm_v128_load(tap), wasm_v128_load(words)));
                high = wasm_i32x4_add(high, wasm_i32x4_dot_i16x8(wasm_v128_load(tap + 8), wasm_v128_load(words + 8)));
            }
        }
        wasm_v128_store(sums, low);
        wasm_v128_store(sums + 4, high);
    }
}

#define DOT(sum, x, w) sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(x, w))
/* One input column meets the kernel columns of the outputs that see it. */
#define COLUMN(number)                                                      \
    const v128_t upper##number = wasm_v128_load(source + (number) * column); \
    const v128_t lower##number = wasm_v128_load(source + (number) * column + pair)
#define MEET(sum, number, tap)                      \
    DOT(sum, upper##number, w##tap);                \
    DOT(sum, lower##number, v##tap)

/* 3x3 (or 2x3) windows with stride 1 and dilation 1: four lanes of four outputs share six columns. */
static inline void four_of_width_3(const int16_t *source, int32_t column, int32_t pair, const int16_t *weights,
                                   const int32_t *start, int32_t *sums) {
    const v128_t w0 = wasm_v128_load(weights), w1 = wasm_v128_load(weights + 16), w2 = wasm_v128_load(weights + 32);
    const v128_t v0 = wasm_v128_load(weights + 48), v1 = wasm_v128_load(weights + 64), v2 = wasm_v128_load(weights + 80);
    v128_t sum0 = wasm_v128_load(start);
    v128_t sum1 = sum0, sum2 = sum0, sum3 = sum0;
    COLUMN(0);
    MEET(sum0, 0, 0);
    COLUMN(1);
    MEET(sum0, 1, 1);
    MEET(sum1, 1, 0);
    COLUMN(2);
    MEET(sum0, 2, 2);
    MEET(sum1, 2, 1);
    MEET(sum2, 2, 0);
    wasm_v128_store(sums, sum0);
    COLUMN(3);
    MEET(sum1, 3, 2);
    MEET(sum2, 3, 1);
    MEET(sum3, 3, 0);
    wasm_v128_store(sums + RKW_LANES, sum1);
    COLUMN(4);
    MEET(sum2, 4, 2);
    MEET(sum3, 4, 1);
    wasm_v128_store(sums + 2 * RKW_LANES, sum2);
    COLUMN(5);
    MEET(sum3, 5, 2);
    wasm_v128_store(sums + 3 * RKW_LANES, sum3);
}

/* The same for stride 2: two outputs share five columns. */
static inline void two_of_width_3(const int16_t *source, int32_t column, int32_t pair, const int16_t *weights,
                                  const int32_t *start, int32_t *sums) {
    const v128_t w0 = wasm_v128_load(weights), w1 = wasm_v128_load(weights + 16), w2 = wasm_v128_load(weights + 32);
    const v128_t v0 = wasm_v128_load(weights + 48), v1 = wasm_v128_load(weights + 64), v2 = wasm_v128_load(weights + 80);
    v128_t sum0 = wasm_v128_load(start);
    v128_t sum1 = sum0;
    COLUMN(0);
    MEET(sum0, 0, 0);
    COLUMN(1);
    MEET(sum0, 1, 1);
    COLUMN(2);
    MEET(sum0, 2, 2);
    MEET(sum1, 2, 0);
    COLUMN(3);
    MEET(sum1, 3, 1);
    COLUMN(4);
    MEET(sum1, 4, 2);
    wasm_v128_store(sums, sum0);
    wasm_v128_store(sums + RKW_LANES, sum1);
}

void rkw_depthwise_row(const rk_depthwise_conv_parameters *p, const rkw_depthwise_geometry *g, const int16_t *source,
                       const int16_t *weights, const int32_t *start, int32_t *sums) {
    const int32_t column = g->channels * 2;
    const int32_t pair = 2 * p->dilation_height * g->row_elements * 2;
    const int32_t step = p->stride_width * column;
    if (p->kernel_width != 3 || g->row_pairs != 2 || p->dilation_width != 1 || p->stride_width > 2) {
        any_window(p, g, source, step, weights, start, p->output_width, sums);
        return;
    }
    for (int32_t out_x = 0; out_x < p->output_width; out_x += RKW_POSITIONS, source += RKW_POSITIONS * step) {
        for (int32_t half = 0; half < RKW_LANES; half += 4, source += 8, weights += 8) {
            int32_t *target = sums + out_x * RKW_LANES + half;
            if (p->stride_width == 1) {
                four_of_width_3(source, column, pair, weights, start + half, target);
            } else {
                two_of_width_3(source, column, pair, weights, start + half, target);
                two_of_width_3(source + 2 * step, column, pair, weights, start + half, target + 2 * RKW_LANES);
            }
        }
        source -= 16;
        weights -= 16;
    }
}
