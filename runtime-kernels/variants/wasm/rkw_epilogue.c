/*
 * Vector epilogues. WebAssembly has no right shift per lane, but i16x8.q15mulr_sat(w, 2^(15 - s)) is (w + 2^(s-1)) >> s exactly, so a
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

enum { SHIFT_ALWAYS_EXACT = 7, SHIFT_MAX = 15, TOTAL_SHIFT_MAX = 30, SINGLE_FACTOR = 4 };

/* Right shift that is left after the multiplication, per rule. */
static int32_t total_shift(uint8_t rule, int32_t shift) {
    switch (rule) {
    case RK_RULE_SINGLE:
        return 1 - shift;
    case RK_RULE_MULTIPLY_SHIFT_FLOOR:
        return -shift - 32;
    default:
        return -shift;
    }
}

static rkw_kind kind_of_rule(uint8_t rule) {
    switch (rule) {
    case RK_RULE_DOUBLE:
        return RKW_DOUBLE;
    case RK_RULE_SINGLE:
        return RKW_SINGLE;
    case RK_RULE_FLOAT32:
        return RKW_FLOAT32;
    case RK_RULE_SHIFT_HALF_UP:
        return RKW_HALF_UP;
    case RK_RULE_SHIFT_HALF_EVEN:
        return RKW_HALF_EVEN;
    case RK_RULE_MULTIPLY_SHIFT_FLOOR:
        return RKW_MULTIPLY_FLOOR;
    default:
        return RKW_GENERIC;
    }
}

static int scales_by_multiplier(rkw_kind kind) {
    return kind == RKW_DOUBLE || kind == RKW_SINGLE || kind == RKW_MULTIPLY_FLOOR;
}

/* A channel whose multiplier is 0 gives the zero point, whatever its shift. */
static int is_dead(rkw_kind kind, int32_t multiplier) {
    return scales_by_multiplier(kind) && multiplier == 0;
}

static uint32_t magnitude(int32_t value) {
    return value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
}

static int32_t factor_of(rkw_kind kind) {
    return kind == RKW_DOUBLE ? 2 : kind == RKW_SINGLE ? SINGLE_FACTOR : 1;
}

/* One lane with the shift that the panel shares; 0 if it does not fit. A dead lane keeps power 0, which gives 0. */
static int share_shift(rkw_panel *panel, int32_t lane, int32_t total, uint64_t reach) {
    const int32_t rest = total - panel->pre_shift;
    if (is_dead(panel->kind, panel->multiplier[lane])) return 1;
    if (scales_by_multiplier(panel->kind)) {
        reach = (reach * (uint32_t)factor_of(panel->kind) * magnitude(panel->multiplier[lane]) >> 32) + 1;
    }
    if (rest < 1 || rest > SHIFT_MAX || total > TOTAL_SHIFT_MAX) return 0;
    if (rest > SHIFT_ALWAYS_EXACT && reach >> panel->pre_shift >= INT16_MAX) return 0;
    panel->power[lane] = (int16_t)(1 << (15 - rest));
    panel->half[lane] = panel->kind == RKW_MULTIPLY_FLOOR ? (int16_t)(1 << (rest - 1)) : 0;
    panel->tie_mask[lane] = (int32_t)((1u << total) - 1u);
    return 1;
}

/* One lane with a shift of its own; 0 if it does not fit. A dead lane keeps power 0, which gives 0. */
static int own_shift(rkw_panel *panel, int32_t lane, int32_t total) {
    if (is_dead(panel->kind, panel->multiplier[lane])) return 1;
    if (total < 0 || total > TOTAL_SHIFT_MAX) return 0;
    /* Without a shift there is nothing to round for single, and every code looks like a tie to half-even. */
    if (total == 0 && (panel->kind == RKW_SINGLE || panel->kind == RKW_HALF_EVEN)) return 0;
    panel->wide_power[lane] = 1 << (30 - total);
    panel->wide_half[lane] = total == 0 || panel->kind == RKW_MULTIPLY_FLOOR ? 0 : 1 << (total - 1);
    panel->away[lane] = total == 0 ? 0 : -1;
    panel->tie_mask[lane] = (int32_t)((1u << total) - 1u);
    return 1;
}

/* Chooses how the lanes of a panel are shifted; its words are in place. `reach` has those of its channels. */
static void choose_shifts(rkw_panel *panel, uint8_t rule, int32_t lanes, const uint32_t *reach) {
    int32_t smallest = TOTAL_SHIFT_MAX;
    int shared = 1;
    int own = 1;
    for (int32_t lane = 0; lane < lanes; lane++) {
        const int32_t total = total_shift(rule, panel->shift[lane]);
        if (!is_dead(panel->kind, panel->multiplier[lane]) && total < smallest) smallest = total;
        /* Then neither a sum times the factor nor what rounds it wraps. */
        const uint64_t most = (uint64_t)reach[lane] + magnitude(panel->bias[lane]);
        if (most * (uint32_t)factor_of(panel->kind) >= 1u << 30) shared = own = 0;
    }
    panel->pre_shift = smallest < 1 ? 0 : smallest - 1;
    for (int32_t lane = 0; lane < lanes && shared; lane++) {
        const uint64_t most = (uint64_t)reach[lane] + magnitude(panel->bias[lane]);
        shared = share_shift(panel, lane, total_shift(rule, panel->shift[lane]), most);
    }
    if (shared) return;
    panel->wide = 1;
    for (int32_t lane = 0; lane < lanes && own; lane++) {
        own = own_shift(panel, lane, total_shift(rule, panel->shift[lane]));
    }
    if (!own) panel->kind = RKW_GENERIC;
}

static void apply_factor(rkw_panel *panel) {
    panel->factor = factor_of(panel->kind);
    for (int32_t lane = 0; lane < RKW_LANES; lane++) panel->bias[lane] *= panel->factor;
}

void rkw_pack_epilogue(const rk_epilogue *epilogue, rkw_panel *panels, const rkw_channel_words *words,
                       const uint32_t *reach) {
    static const rkw_panel none;
    for (int32_t first = 0; first < words->channels; first += RKW_LANES) {
        rkw_panel *panel = &panels[first / RKW_LANES];
        const int32_t left = words->channels - first;
        const int32_t lanes = left < RKW_LANES ? left : RKW_LANES;
        *panel = none;
        for (int32_t lane = 0; lane < lanes; lane++) {
            const int32_t channel = first + lane;
            panel->bias[lane] = words->bias == NULL ? 0 : words->bias[channel];
            panel->multiplier[lane] = words->multiplier[channel * words->channel_step];
            panel->shift[lane] = words->shift[channel * words->channel_step];
        }
        panel->kind = kind_of_rule(epilogue->rule);
        if (panel->kind != RKW_FLOAT32 && panel->kind != RKW_GENERIC) {
            choose_shifts(panel, epilogue->rule, lanes, reach + first);
        }
        apply_factor(panel);
    }
}

/*
 * What all rows share and is no plain load. Words of the panel are read again for every row: kept in registers they crowd out the
 * rest (measured in V8).
 */
typedef struct constants {
    v128_t zero_point;
    v128_t lowest;
    v128_t highest;
    int32_t pre_shift;
} constants;

static inline constants constants_of(const rk_epilogue *epilogue, const rkw_panel *panel, rkw_kind kind) {
    constants c;
    c.zero_point = wasm_i16x8_splat((int16_t)epilogue->zero_point);
    c.pre_shift = panel->pre_shift;
    if (kind == RKW_FLOAT32) {
        c.lowest = wasm_f32x4_splat((float)(epilogue->clamp_min - epilogue->zero_point));
        c.highest = wasm_f32x4_splat((float)(epilogue->clamp_max - epilogue->zero_point));
    } else {
        c.lowest = wasm_i8x16_splat((int8_t)epilogue->clamp_min);
        c.highest = wasm_i8x16_splat((int8_t)epilogue->clamp_max);
    }
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

/* Clamped around the zero point, then rounded half to even by 1.5 * 2^23, as rk_round_half_even_clamped does. */
static inline v128_t rounded(const constants *c, v128_t sum, v128_t multiplier) {
    v128_t value = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sum), multiplier);
    value = wasm_f32x4_pmin(wasm_f32x4_pmax(value, c->lowest), c->highest);
    value = wasm_f32x4_add(value, wasm_f32x4_const_splat(12582912.0f));
    return wasm_i32x4_sub(value, wasm_i32x4_const_splat(0x4B400000));
}

/* Eight codes in int16 lanes, zero point included. */
static inline v128_t codes_of(const constants *c, const rkw_panel *panel, rkw_kind kind, int wide, const int32_t *sums) {
    const v128_t sum0 = wasm_v128_load(sums);
    const v128_t sum1 = wasm_v128_load(sums + 4);
    const v128_t codes = kind == RKW_FLOAT32 ? wasm_i16x8_narrow_i32x4(rounded(c, sum0, wasm_v128_load(panel->multiplier)),
                                                                       rounded(c, sum1, wasm_v128_load(panel->multiplier + 4)))
                                             : shifted(c, panel, kind, wide, sum0, sum1);
    return wasm_i16x8_add_sat(codes, c->zero_point);
}

static inline v128_t clamped(const constants *c, rkw_kind kind, v128_t low, v128_t high) {
    const v128_t codes = wasm_i8x16_narrow_i16x8(low, high);
    if (kind == RKW_FLOAT32) return codes;
    return wasm_i8x16_min(wasm_i8x16_max(codes, c->lowest), c->highest);
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
    const constants c = constants_of(epilogue, panel, kind);
#pragma clang loop unroll(disable)
    for (int32_t row = 0; row < rows; row++, sums += RKW_LANES, output += stride) {
        const v128_t lanes = codes_of(&c, panel, kind, wide, sums);
        const v128_t codes = clamped(&c, kind, lanes, lanes);
        if (channels == RKW_LANES) {
            wasm_v128_store64_lane(output, codes, 0);
        } else {
            store_some(output, codes, channels);
        }
    }
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
    case RKW_FLOAT32:
        ROWS(RKW_FLOAT32, 0);
        return;
    default:
        generic_rows(epilogue, panel, sums, rows, output, stride, channels);
    }
}
