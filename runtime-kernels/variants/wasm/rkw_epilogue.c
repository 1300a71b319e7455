/*
 * Vector epilogues. Most panels are lines (rkw_epilogue_line.c); the others follow their rule in integers. WebAssembly has no right shift per lane, but i16x8.q15mulr_sat(w, 2^(15 - s)) is (w + 2^(s-1)) >> s exactly, so a
 * rounding shift by e = p + s becomes: shift right by p (floor), saturate to int16, multiply. Floor shifts compose, and 2^(e-1) is a
 * multiple of 2^p, so
 *     (x + 2^(e-1)) >> e  =  ((x >> p) + 2^(s-1)) >> s    for s >= 1.
 * The saturation is harmless for s <= 7: a saturated value ends at or beyond +-255 and is clamped anyway; for larger s the reach of
 * the accumulator must prove that nothing saturates. Where the lanes of a panel do not agree on one p, each is shifted whole (wide):
 * x >> e are bits 30 to 61 of x * 2^(30 - e). What does not fit either runs by the plain rule, one value at a time.
 *
 * double:  r = (2x * m + 2^31) >> 32 (SRDHM), then r - (r < 0) rounds half away: gemmlowp's RoundingDivideByPOT. Weights are packed
 *          twice as large, so that sums arrive as 2x.
 * single:  with sums 4x, (x * m + 2^(t-1)) >> t is the rounding shift by t - 30 of (4x * m) >> 32.
 */
#include "rkw_epilogue.h"

#include <wasm_simd128.h>

/*
 * What all rows share and is no plain load. Words of the panel are read again for every row: kept in registers they crowd out the
 * rest (measured in V8).
 */
typedef struct constants {
    v128_t zero_point; /* of the lanes */
    v128_t lowest;
    v128_t highest;
    int32_t pre_shift;
} constants;

static inline constants constants_of(const rk_epilogue *epilogue, const rkw_panel *panel) {
    constants c;
    c.zero_point = wasm_v128_load(panel->zero_point);
    c.pre_shift = panel->pre_shift;
    c.lowest = wasm_i8x16_splat((int8_t)epilogue->clamp_min);
    c.highest = wasm_i8x16_splat((int8_t)epilogue->clamp_max);
    return c;
}

/* floor(a * b / 2^32), after `rounding` was added to each 64-bit product. */
static inline v128_t high_product(v128_t a, v128_t b, v128_t rounding) {
    const v128_t low = wasm_i64x2_add(wasm_i64x2_extmul_low_i32x4(a, b), rounding);
    const v128_t high = wasm_i64x2_add(wasm_i64x2_extmul_high_i32x4(a, b), rounding);
    return wasm_i32x4_shuffle(low, high, 1, 3, 5, 7);
}

static inline v128_t high_floor_product(v128_t a, v128_t b) {
    return wasm_i32x4_shuffle(wasm_i64x2_extmul_low_i32x4(a, b), wasm_i64x2_extmul_high_i32x4(a, b), 1, 3, 5, 7);
}

/* What is shifted: the accumulator, multiplied as the rule says. */
static inline v128_t multiplied(rkw_kind kind, v128_t sum, const int32_t *multipliers) {
    switch (kind) {
    case RKW_DOUBLE:
        return high_product(sum, wasm_v128_load(multipliers), wasm_i64x2_const_splat(1LL << 31));
    case RKW_SINGLE:
    case RKW_MULTIPLY_FLOOR:
        return high_floor_product(sum, wasm_v128_load(multipliers));
    default:
        return sum;
    }
}

/* Four lanes after their own rounding shifts. */
static inline v128_t wide_shifted(const rkw_panel *panel, rkw_kind kind, int32_t part, v128_t sum) {
    v128_t value = multiplied(kind, sum, panel->multiplier + part);
    if (kind == RKW_DOUBLE) {
        const v128_t negative = wasm_i32x4_shr(value, 31);
        value = wasm_i32x4_add(value, wasm_v128_and(negative, wasm_v128_load(panel->away + part)));
    }
    value = wasm_i32x4_add(value, wasm_v128_load(panel->wide_half + part));
    const v128_t power = wasm_v128_load(panel->wide_power + part);
    const v128_t low = wasm_i64x2_shl(wasm_i64x2_extmul_low_i32x4(value, power), 2);
    const v128_t high = wasm_i64x2_shl(wasm_i64x2_extmul_high_i32x4(value, power), 2);
    return wasm_i32x4_shuffle(low, high, 1, 3, 5, 7);
}

/* Four lanes after the floor shift that the panel shares. */
static inline v128_t pre_shifted(const rkw_panel *panel, rkw_kind kind, int32_t part, int32_t pre_shift, v128_t sum) {
    v128_t value = multiplied(kind, sum, panel->multiplier + part);
    if (kind == RKW_DOUBLE) value = wasm_i32x4_add(value, wasm_i32x4_shr(value, 31));
    return wasm_i32x4_shr(value, pre_shift);
}

/* -1 in the lanes that lie exactly between two codes. */
static inline v128_t ties(v128_t sum, const int32_t *masks) {
    const v128_t mask = wasm_v128_load(masks);
    const v128_t half = wasm_i32x4_sub(mask, wasm_u32x4_shr(mask, 1));
    return wasm_i32x4_eq(wasm_v128_and(sum, mask), half);
}

static inline v128_t shifted(const constants *c, const rkw_panel *panel, rkw_kind kind, int wide, v128_t sum0,
                             v128_t sum1) {
    v128_t codes;
    if (wide) {
        codes = wasm_i16x8_narrow_i32x4(wide_shifted(panel, kind, 0, sum0), wide_shifted(panel, kind, 4, sum1));
    } else {
        codes = wasm_i16x8_narrow_i32x4(pre_shifted(panel, kind, 0, c->pre_shift, sum0),
                                        pre_shifted(panel, kind, 4, c->pre_shift, sum1));
        if (kind == RKW_MULTIPLY_FLOOR) codes = wasm_i16x8_sub_sat(codes, wasm_v128_load(panel->half));
        codes = wasm_i16x8_q15mulr_sat(codes, wasm_v128_load(panel->power));
    }
    if (kind == RKW_HALF_EVEN) {
        /* Half up has gone up at every tie; an odd code goes back. */
        const v128_t tie = wasm_i16x8_narrow_i32x4(ties(sum0, panel->tie_mask), ties(sum1, panel->tie_mask + 4));
        const v128_t odd = wasm_v128_and(codes, wasm_i16x8_const_splat(1));
        codes = wasm_i16x8_sub(codes, wasm_v128_and(odd, tie));
    }
    return codes;
}

/* Eight codes in int16 lanes, zero point included. */
static inline v128_t codes_of(const constants *c, const rkw_panel *panel, rkw_kind kind, int wide, const int32_t *sums) {
    const v128_t sum0 = wasm_v128_load(sums);
    const v128_t sum1 = wasm_v128_load(sums + 4);
    return wasm_i16x8_add_sat(shifted(c, panel, kind, wide, sum0, sum1), c->zero_point);
}

static inline v128_t clamped(const constants *c, v128_t low, v128_t high) {
    return wasm_i8x16_min(wasm_i8x16_max(wasm_i8x16_narrow_i16x8(low, high), c->lowest), c->highest);
}

static inline void store_some(int8_t *output, v128_t codes, int32_t channels) {
    int8_t lanes[16];
    wasm_v128_store(lanes, codes);
    for (int32_t lane = 0; lane < channels; lane++) output[lane] = lanes[lane];
}

static inline __attribute__((always_inline)) void vector_rows(const rk_epilogue *epilogue, const rkw_panel *panel,
                                                              const int32_t *sums, int32_t rows, int8_t *output,
                                                              int32_t stride, int32_t channels, rkw_kind kind,
                                                              int wide) {
    const constants c = constants_of(epilogue, panel);
#pragma clang loop unroll(disable)
    for (int32_t row = 0; row < rows; row++, sums += RKW_LANES, output += stride) {
        const v128_t lanes = codes_of(&c, panel, kind, wide, sums);
        const v128_t codes = clamped(&c, lanes, lanes);
        if (channels == RKW_LANES) {
            wasm_v128_store64_lane(output, codes, 0);
        } else {
            store_some(output, codes, channels);
        }
    }
}

/* Lanes `part` to `part` + 3 by the panel's lines. */
static inline v128_t on_line(const rkw_panel *panel, int32_t exceptions, int32_t part, const int32_t *sums, v128_t scale,
                             v128_t away) {
    const v128_t sum = wasm_v128_load(sums + part);
    const v128_t value = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sum), scale);
    const v128_t sign = wasm_v128_and(value, wasm_i32x4_const_splat(INT32_MIN));
    const v128_t moved = wasm_f32x4_add(value, wasm_v128_or(sign, away));
    const v128_t origin = wasm_f32x4_const_splat((float)RKW_LINE_ORIGIN);
    v128_t code = wasm_i32x4_sub(wasm_f32x4_add(moved, origin), wasm_i32x4_const_splat(RKW_LINE_BITS));
    for (int32_t at = 0; at < exceptions; at++) {
        code = wasm_i32x4_sub(code, wasm_i32x4_eq(sum, wasm_v128_load(panel->exception[at] + part)));
    }
    return code;
}

static inline __attribute__((always_inline)) void line_rows(const rk_epilogue *epilogue, const rkw_panel *panel,
                                                            const int32_t *sums, int32_t rows, int8_t *output,
                                                            int32_t stride, int32_t channels, int32_t exceptions) {
    const constants c = constants_of(epilogue, panel);
    const v128_t scale0 = wasm_v128_load(panel->scale), scale1 = wasm_v128_load(panel->scale + 4);
    const v128_t away0 = wasm_v128_load(panel->line_away), away1 = wasm_v128_load(panel->line_away + 4);
/* Eight codes of one row in int16 lanes, not clamped. */
#define CODES_ON_LINES(row)                                                                          \
    wasm_i16x8_add_sat(wasm_i16x8_narrow_i32x4(on_line(panel, exceptions, 0, row, scale0, away0),       \
                                               on_line(panel, exceptions, 4, row, scale1, away1)),      \
                       c.zero_point)
    int32_t row = 0;
#pragma clang loop unroll(disable)
    for (; row + 2 <= rows && channels == RKW_LANES; row += 2, sums += 2 * RKW_LANES, output += 2 * stride) {
        const v128_t codes = clamped(&c, CODES_ON_LINES(sums), CODES_ON_LINES(sums + RKW_LANES));
        wasm_v128_store64_lane(output, codes, 0);
        wasm_v128_store64_lane(output + stride, codes, 1);
    }
#pragma clang loop unroll(disable)
    for (; row < rows; row++, sums += RKW_LANES, output += stride) {
        const v128_t lanes = CODES_ON_LINES(sums);
        const v128_t codes = clamped(&c, lanes, lanes);
        if (channels == RKW_LANES) {
            wasm_v128_store64_lane(output, codes, 0);
        } else {
            store_some(output, codes, channels);
        }
    }
#undef CODES_ON_LINES
}

static void generic_rows(const rk_epilogue *epilogue, const rkw_panel *panel, const int32_t *sums, int32_t rows,
                         int8_t *output, int32_t stride, int32_t channels) {
    for (int32_t row = 0; row < rows; row++) {
        for (int32_t lane = 0; lane < channels; lane++) {
            output[row * stride + lane] = (int8_t)rk_requantize(epilogue, sums[row * RKW_LANES + lane],
                                                                panel->multiplier[lane], panel->shift[lane]);
        }
    }
}

#define ROWS(kind, wide) vector_rows(epilogue, panel, sums, rows, output, stride, channels, kind, wide)
#define LINE_ROWS(exceptions) line_rows(epilogue, panel, sums, rows, output, stride, channels, exceptions)
#define CASE(kind)              \
    case kind:                  \
        if (panel->wide) {      \
            ROWS(kind, 1);      \
        } else {                \
            ROWS(kind, 0);      \
        }                       \
        return

void rkw_requantize_rows(const rk_epilogue *epilogue, const rkw_panel *panel, const int32_t *sums, int32_t rows,
                         int8_t *output, int32_t stride, int32_t channels) {
    switch (panel->kind) {
        CASE(RKW_DOUBLE);
        CASE(RKW_SINGLE);
        CASE(RKW_MULTIPLY_FLOOR);
        CASE(RKW_HALF_UP);
        CASE(RKW_HALF_EVEN);
    case RKW_LINE:
        if (panel->exceptions == 0) {
            LINE_ROWS(0);
        } else if (panel->exceptions == 1) {
            LINE_ROWS(1);
        } else {
            LINE_ROWS(RKW_EXCEPTIONS);
        }
        return;
    default:
        generic_rows(epilogue, panel, sums, rows, output, stride, channels);
    }
}
