/* Narrow products; see rkw_narrow.h. A sum of 16 bits holds two of the four products of each step: the other two are its neighbour's. */
#include "rkw_narrow.h"

#include <wasm_simd128.h>

int rkw_copy_narrow(const int8_t *codes, int32_t count, uint8_t *bytes) {
    const v128_t offset = wasm_i8x16_const_splat(RKW_NARROW_OFFSET);
    int32_t index = 0;
    for (; index + 16 <= count; index += 16) {
        const v128_t moved = wasm_i8x16_add(wasm_v128_load(codes + index), offset);
        if (wasm_v128_any_true(wasm_u8x16_gt(moved, wasm_i8x16_const_splat(RKW_NARROW_MAX)))) return 0;
        wasm_v128_store(bytes + index, moved);
    }
    for (; index < count; index++) {
        bytes[index] = (uint8_t)(codes[index] + RKW_NARROW_OFFSET);
        if (bytes[index] > RKW_NARROW_MAX) return 0;
    }
    return 1;
}

#ifdef RKW_RELAXED

int rkw_narrow_available(void) {
    return 1;
}

#define RKW_TILE_NAME(name) rkw_narrow_##name
#define RKW_TILE_BEGIN(start) wasm_i16x8_const_splat(0)
#define RKW_TILE_STEP(sum, x, w) wasm_i16x8_add(sum, wasm_i16x8_relaxed_dot_i8x16_i7x16(w, x))
#define RKW_TILE_END(sum, start) \
    wasm_i32x4_add(wasm_i32x4_dot_i16x8(sum, wasm_i16x8_const_splat(1)), wasm_v128_load(start))
#include "rkw_tile_template.h"

/* One step of a tile, by the template and one product at a time. */
static int step_is_exact(int32_t weight, int32_t code) {
    static const int32_t start[RKW_COLUMNS] = {0, 1, -1, 1000, -1000, 7, 1 << 20, -(1 << 20)};
    int8_t weights[RKW_WEIGHT_BYTES];
    uint8_t codes[RKW_ROWS * RKW_STEP_BYTES];
    int32_t sums[RKW_ROWS * RKW_COLUMNS];
    int exact = 1;
    for (int32_t at = 0; at < RKW_WEIGHT_BYTES; at++) weights[at] = (int8_t)(weight + 37 * at);
    for (int32_t at = 0; at < RKW_ROWS * RKW_STEP_BYTES; at++) codes[at] = (uint8_t)((code + 5 * at) & RKW_NARROW_MAX);
    rkw_narrow_rows(codes, RKW_STEP_BYTES, RKW_ROWS, (const uint8_t *)weights, 1, start, sums);
    for (int32_t sum = 0; sum < RKW_ROWS * RKW_COLUMNS; sum++) {
        int32_t expected = start[sum % RKW_COLUMNS];
        for (int32_t at = 0; at < RKW_STEP_BYTES; at++) {
            const int32_t product = weights[sum % RKW_COLUMNS * RKW_STEP_BYTES + at] *
                                    codes[sum / RKW_COLUMNS * RKW_STEP_BYTES + at];
            expected += product;
        }
        exact &= sums[sum] == expected;
    }
    return exact;
}

int rkw_narrow_is_exact(void) {
    int exact = 1;
    for (int32_t weight = INT8_MIN; weight <= INT8_MAX; weight++) {
        for (int32_t code = 0; code <= RKW_NARROW_MAX; code++) exact &= step_is_exact(weight, code);
    }
    return exact;
}

#else

int rkw_narrow_is_exact(void) {
    return 0;
}

int rkw_narrow_available(void) {
    return 0;
}

void rkw_narrow_at(const uint8_t *base, const int32_t *offsets, int32_t rows, const uint8_t *weights,
                   const rkw_runs *runs, const int32_t *start, int32_t *sums) {
    rkw_multiply_at(base, offsets, rows, weights, runs, start, sums);
}

void rkw_narrow_rows(const uint8_t *base, int32_t row_bytes, int32_t rows, const uint8_t *weights, int32_t length,
                     const int32_t *start, int32_t *sums) {
    rkw_multiply_rows(base, row_bytes, rows, weights, length, start, sums);
}

#endif
