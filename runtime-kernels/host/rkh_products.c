/*
 * Inner products of all pairs of rows of two int16 matrices, exact in int32: what the host's second-order rounding spends its time on.
 * Compiled to WebAssembly only, on its own; no target runs it. The readable form is src/quantize/rounding/inner-products.ts.
 *
 * Rows are padded with zeros to a multiple of 8 values, and both matrices with zero rows to a multiple of 3 rows. A sum stays in int32
 * as long as length * max|a| * max|b| < 2^31; the caller sees to that.
 */
#include <stdint.h>
#include <wasm_simd128.h>

#define TILE 3
#define LANES 8

static int32_t sum_of_lanes(v128_t value) {
    return wasm_i32x4_extract_lane(value, 0) + wasm_i32x4_extract_lane(value, 1) + wasm_i32x4_extract_lane(value, 2) +
           wasm_i32x4_extract_lane(value, 3);
}

/* Nine sums in registers: six loads serve nine dot products of eight values. */
static void tile(const int16_t *a, const int16_t *b, uint32_t length, int32_t *result, uint32_t stride) {
    v128_t sums[TILE][TILE];
    for (int row = 0; row < TILE; row++) {
        for (int column = 0; column < TILE; column++) sums[row][column] = wasm_i32x4_splat(0);
    }
    for (uint32_t k = 0; k < length; k += LANES) {
        v128_t left[TILE];
        v128_t right[TILE];
        for (int row = 0; row < TILE; row++) left[row] = wasm_v128_load(a + row * length + k);
        for (int column = 0; column < TILE; column++) right[column] = wasm_v128_load(b + column * length + k);
        for (int row = 0; row < TILE; row++) {
            for (int column = 0; column < TILE; column++) {
                sums[row][column] =
                    wasm_i32x4_add(sums[row][column], wasm_i32x4_dot_i16x8(left[row], right[column]));
            }
        }
    }
    for (int row = 0; row < TILE; row++) {
        for (int column = 0; column < TILE; column++) {
            result[row * stride + column] = sum_of_lanes(sums[row][column]);
        }
    }
}

/*
 * result[i][j] = sum over k of a[i][k] * b[j][k] for i < n, j < m. With `upper` set, tiles below the diagonal are left out.
 */
__attribute__((export_name("products"))) void rkh_products(const int16_t *a, uint32_t n, const int16_t *b, uint32_t m,
                                                           uint32_t length, int32_t *result, uint32_t upper) {
    for (uint32_t i = 0; i < n; i += TILE) {
        for (uint32_t j = upper ? i : 0; j < m; j += TILE) {
            tile(a + i * length, b + j * length, length, result + i * m + j, m);
        }
    }
}
