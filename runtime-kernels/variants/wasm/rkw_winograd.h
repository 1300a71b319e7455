/*
 * Winograd's F(4x4, 3x3) in integers, exact: 36 products per channel make 16 outputs of a 3x3 convolution with stride 1, a quarter of
 * the direct 144. With the usual points 0, 1, -1, 2, -2, infinity and the filter transform scaled by 24 per axis,
 *     576 * Y = A' [ (G' g G'^T) .* (B^T d B) ] A'^T
 * where G' and B^T are integer matrices and A' carries a 2 for the last row of G', which is scaled by 12 only.
 *
 * Ranges: |d| <= 255, a row of B^T sums to 10, so |B^T d B| <= 25500 fits int16. |g| <= 128, a row of G' sums to 12, so
 * |G' g G'^T| <= 18432 fits int16. Sums of products wrap modulo 2^32; 576 = 64 * 9, so the product with the inverse of 9 modulo 2^32
 * is 64 * Y modulo 2^32, and an arithmetic shift by 6 gives Y as long as |Y| < 2^25. rkw_conv.c proves that from the weights.
 */
#ifndef RKW_WINOGRAD_H
#define RKW_WINOGRAD_H

#include <stdint.h>
#include <wasm_simd128.h>

enum { RKW_TILE_OUT = 4, RKW_TILE_IN = 6, RKW_POINTS = 36, RKW_POINT_OF_ALL = 7, RKW_POINT_OF_ONES = 36 };
enum { RKW_WINOGRAD_SCALE = 576, RKW_INVERSE_OF_9 = 0x38E38E39, RKW_POINT_SHIFT = 6 };

/* Largest magnitude of an accumulator that the final shift recovers, exclusive. */
#define RKW_WINOGRAD_REACH (1u << 25)

/* out[6] = B^T in[6] on int16 lanes. */
static inline __attribute__((always_inline)) void rkw_transform_input(const v128_t *in, int32_t in_step, v128_t *out,
                                                                      int32_t out_step) {
    const v128_t d0 = in[0], d1 = in[in_step], d2 = in[2 * in_step];
    const v128_t d3 = in[3 * in_step], d4 = in[4 * in_step], d5 = in[5 * in_step];
    const v128_t d42 = wasm_i16x8_sub(d4, d2);
    const v128_t twice31 = wasm_i16x8_shl(wasm_i16x8_sub(d3, d1), 1);
    out[0] = wasm_i16x8_add(wasm_i16x8_shl(wasm_i16x8_sub(d0, d2), 2), d42);
    out[out_step] = wasm_i16x8_sub(wasm_i16x8_add(d3, d4), wasm_i16x8_shl(wasm_i16x8_add(d1, d2), 2));
    out[2 * out_step] = wasm_i16x8_add(wasm_i16x8_sub(d4, d3), wasm_i16x8_shl(wasm_i16x8_sub(d1, d2), 2));
    out[3 * out_step] = wasm_i16x8_add(d42, twice31);
    out[4 * out_step] = wasm_i16x8_sub(d42, twice31);
    out[5 * out_step] = wasm_i16x8_sub(wasm_i16x8_sub(d5, d3), wasm_i16x8_shl(twice31, 1));
}

/* out[4] = A' in[6] on int32 lanes. */
static inline __attribute__((always_inline)) void rkw_transform_output(const v128_t *in, int32_t in_step, v128_t *out,
                                                                       int32_t out_step) {
    const v128_t sum12 = wasm_i32x4_add(in[in_step], in[2 * in_step]);
    const v128_t difference12 = wasm_i32x4_sub(in[in_step], in[2 * in_step]);
    const v128_t sum34 = wasm_i32x4_add(in[3 * in_step], in[4 * in_step]);
    const v128_t difference34 = wasm_i32x4_sub(in[3 * in_step], in[4 * in_step]);
    const v128_t last = wasm_i32x4_add(in[5 * in_step], in[5 * in_step]);
    out[0] = wasm_i32x4_add(wasm_i32x4_add(in[0], sum12), sum34);
    out[out_step] = wasm_i32x4_add(difference12, wasm_i32x4_shl(difference34, 1));
    out[2 * out_step] = wasm_i32x4_add(sum12, wasm_i32x4_shl(sum34, 2));
    out[3 * out_step] = wasm_i32x4_add(wasm_i32x4_add(difference12, last), wasm_i32x4_shl(difference34, 3));
}

/* out[6] = G' in[3]; `step`s in elements. */
static inline void rkw_transform_filter(const int32_t *in, int32_t in_step, int32_t *out, int32_t out_step) {
    const int32_t g0 = in[0], g1 = in[in_step], g2 = in[2 * in_step];
    out[0] = 6 * g0;
    out[out_step] = -4 * (g0 + g1 + g2);
    out[2 * out_step] = -4 * (g0 - g1 + g2);
    out[3 * out_step] = g0 + 2 * g1 + 4 * g2;
    out[4 * out_step] = g0 - 2 * g1 + 4 * g2;
    out[5 * out_step] = 12 * g2;
}

#endif
