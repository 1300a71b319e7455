/*
 * Vector epilogues. WebAssembly has no right shift per lane, but i16x8.q15mulr_sat(w, 2^(15 - s)) is (w + 2^(s-1)) >> s exactly, so a
 * rounding shift by e = pre_shift + s becomes: shift all lanes right by pre_shift (floor), saturate to int16, multiply. Floor shifts
 * compose, and 2^(e-1) is a multiple of 2^pre_shift, so
 *     (x + 2^(e-1)) >> e  =  ((x >> pre_shift) + 2^(s-1)) >> s    for s >= 1.
 * The saturation is harmless for s <= 7: a saturated value ends at or beyond +-255 and is clamped anyway; for larger s the reach of
 * the accumulator must prove that nothing saturates. What does not fit runs by the plain rule, one value at a time.
 *
 * double:  r = (2x * m + 2^31) >> 32 (SRDHM), then r - (r < 0) rounds half away: gemmlowp's RoundingDivideByPOT.
 * single:  (x * m + 2^(t-1)) >> t is the rounding shift by t - 32 of (x * m) >> 32.
 */
#include "rkw_epilogue.h"

#include <wasm_simd128.h>

enum { SHIFT_ALWAYS_EXACT = 7, SHIFT_MAX = 15 };

/* Right shift that is left after the multiplication, per rule; below 1: not for the vector path. */
static int32_t total_shift(uint8_t rule, int32_t shift) {
    switch (rule) {
    case RK_RULE_SINGLE:
        return -shift - 1;
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

/* One channel's lanes; 0 if it does not fit the vector path with this pre_shift. */
static int pack_shift(rkw_kind kind, rkw_panel *panel, int32_t lane, uint8_t rule, int32_t pre_shift, uint64_t reach) {
    const int32_t multiplier = panel->multiplier[lane];
    if (is_dead(kind, multiplier)) return 1; /* power 0 gives 0, and half 0 */
    const int32_t total = total_shift(rule, panel->shift[lane]);
    const int32_t rest = total - pre_shift;
    if (scales_by_multiplier(kind)) reach = (reach * magnitude(multiplier) >> (kind == RKW_DOUBLE ? 31 : 32)) + 1;
    if (rest < 1 || rest > SHIFT_MAX || total > 30) return 0;
    if (rest > SHIFT_ALWAYS_EXACT && reach >> pre_shift >= INT16_MAX) return 0;
    panel->power[lane] = (int16_t)(1 << (15 - rest));
    panel->half[lane] = kind == RKW_MULTIPLY_FLOOR ? (int16_t)(1 << (rest - 1)) : 0;
    panel->tie_mask[lane] = (int32_t)((1u << total) - 1u);
    return 1;
}

void rkw_pack_epilogue(rkw_epilogue *epilogue, rkw_panel *panels, const rk_epilogue *plain,
                       const rkw_channel_words *words, const uint32_t *reach) {
    const rkw_kind wanted = kind_of_rule(plain->rule);
    int32_t smallest = 31;
    const rkw_panel none = {{0}, {0}, {0}, {0}, {0}, {0}};
    for (int32_t panel = 0; panel < rkw_panels(words->channels); panel++) panels[panel] = none;
    for (int32_t channel = 0; channel < words->channels; channel++) {
        rkw_panel *panel = &panels[channel / RKW_LANES];
        const int32_t lane = channel % RKW_LANES;
        panel->bias[lane] = words->bias == NULL ? 0 : words->bias[channel];
        panel->multiplier[lane] = words->multiplier[channel * words->channel_step];
        panel->shift[lane] = words->shift[channel * words->channel_step];
        const int32_t total = total_shift(plain->rule, panel->shift[lane]);
        if (!is_dead(wanted, panel->multiplier[lane]) && total < smallest) smallest = total;
    }
    epilogue->plain = *plain;
    epilogue->kind = wanted;
    epilogue->pre_shift = smallest < 1 ? 0 : smallest - 1;
    if (wanted == RKW_FLOAT32 || wanted == RKW_GENERIC) return;
    for (int32_t channel = 0; channel < words->channels; channel++) {
        rkw_panel *panel = &panels[channel / RKW_LANES];
        const int32_t lane = channel % RKW_LANES;
        const uint64_t most = (uint64_t)reach[channel] + magnitude(panel->bias[lane]);
        /* Below 2^30 neither the sum with the bias nor its double wraps. */
        if (most < 1u << 30 && pack_shift(wanted, panel, lane, plain->rule, epilogue->pre_shift, most)) continue;
        epilogue->kind = RKW_GENERIC;
    }
}

/* floor(a * b / 2^32), after `rounding` was added to each 64-bit product. */
static inline v128_t high_product(v128_t a, v128_t b, v128_t rounding) {
    const v128_t low = wasm_i64x2_add(wasm_i64x2_extmul_low_i32x4(a, b), rounding);
    const v128_t high = wasm_i64x2_add(wasm_i64x2_extmul_high_i32x4(a, b), rounding);
    return wasm_i32x4_shuffle(low, high, 1, 3, 5, 7);
}

/* What is shifted: the accumulator, multiplied as the rule says. */
static inline v128_t multiplied(rkw_kind kind, v128_t sum, v128_t multiplier) {
    switch (kind) {
    case RKW_DOUBLE: {
        const v128_t scaled = high_product(wasm_i32x4_add(sum, sum), multiplier, wasm_i64x2_const_splat(1LL << 31));
        return wasm_i32x4_add(scaled, wasm_i32x4_shr(scaled, 31));
    }
    case RKW_SINGLE:
    case RKW_MULTIPLY_FLOOR: {
        const v128_t low = wasm_i64x2_extmul_low_i32x4(sum, multiplier);
        const v128_t high = wasm_i64x2_extmul_high_i32x4(sum, multiplier);
        return wasm_i32x4_shuffle(low, high, 1, 3, 5, 7);
    }
    default:
        return sum;
    }
}

/* -1 in the lanes that lie exactly between two codes. */
static inline v128_t ties(v128_t sum, const int32_t *masks) {
    const v128_t mask = wasm_v128_load(masks);
    const v128_t half = wasm_i32x4_sub(mask, wasm_u32x4_shr(mask, 1));
    return wasm_i32x4_eq(wasm_v128_and(sum, mask), half);
}

static inline v128_t shifted(const rkw_epilogue *epilogue, const rkw_panel *panel, rkw_kind kind, v128_t sum0,
                             v128_t sum1) {
    const v128_t value0 = multiplied(kind, sum0, wasm_v128_load(panel->multiplier));
    const v128_t value1 = multiplied(kind, sum1, wasm_v128_load(panel->multiplier + 4));
    v128_t codes = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(value0, epilogue->pre_shift),
                                           wasm_i32x4_shr(value1, epilogue->pre_shift));
    if (kind == RKW_MULTIPLY_FLOOR) codes = wasm_i16x8_sub_sat(codes, wasm_v128_load(panel->half));
    codes = wasm_i16x8_q15mulr_sat(codes, wasm_v128_load(panel->power));
    if (kind == RKW_HALF_EVEN) {
        /* Half up has gone up at every tie; an odd code goes back. */
        const v128_t tie = wasm_i16x8_narrow_i32x4(ties(sum0, panel->tie_mask), ties(sum1, panel->tie_mask + 4));
        const v128_t odd = wasm_v128_and(codes, wasm_i16x8_const_splat(1));
        codes = wasm_i16x8_sub(codes, wasm_v128_and(odd, tie));
    }
    return codes;
}

/* Clamped around the zero point, then rounded half to even by 1.5 * 2^23, as rk_round_half_even_clamped does. */
static inline v128_t rounded(const rk_epilogue *plain, v128_t sum, const int32_t *multiplier) {
    const v128_t lowest = wasm_f32x4_splat((float)(plain->clamp_min - plain->zero_point));
    const v128_t highest = wasm_f32x4_splat((float)(plain->clamp_max - plain->zero_point));
    v128_t value = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sum), wasm_v128_load(multiplier));
    value = wasm_f32x4_pmin(wasm_f32x4_pmax(value, lowest), highest);
    value = wasm_f32x4_add(value, wasm_f32x4_const_splat(12582912.0f));
    return wasm_i32x4_sub(value, wasm_i32x4_const_splat(0x4B400000));
}

static inline void store_codes(int8_t *output, v128_t codes, int32_t channels) {
    if (channels == RKW_LANES) {
        wasm_v128_store64_lane(output, codes, 0);
        return;
    }
    int8_t lanes[16];
    wasm_v128_store(lanes, codes);
    for (int32_t lane = 0; lane < channels; lane++) output[lane] = lanes[lane];
}

static inline __attribute__((always_inline)) void vector_rows(const rkw_epilogue *epilogue, const rkw_panel *panel,
                                                              const int32_t *sums, int32_t rows, int8_t *output,
                                                              int32_t stride, int32_t channels, rkw_kind kind) {
    const rk_epilogue *plain = &epilogue->plain;
    const v128_t bias0 = wasm_v128_load(panel->bias);
    const v128_t bias1 = wasm_v128_load(panel->bias + 4);
    const v128_t zero_point = wasm_i16x8_splat((int16_t)plain->zero_point);
    const v128_t lowest = wasm_i8x16_splat((int8_t)plain->clamp_min);
    const v128_t highest = wasm_i8x16_splat((int8_t)plain->clamp_max);
    for (int32_t row = 0; row < rows; row++) {
        const v128_t sum0 = wasm_i32x4_add(wasm_v128_load(sums + row * RKW_LANES), bias0);
        const v128_t sum1 = wasm_i32x4_add(wasm_v128_load(sums + row * RKW_LANES + 4), bias1);
        v128_t codes;
        if (kind == RKW_FLOAT32) {
            codes = wasm_i16x8_narrow_i32x4(rounded(plain, sum0, panel->multiplier),
                                            rounded(plain, sum1, panel->multiplier + 4));
        } else {
            codes = shifted(epilogue, panel, kind, sum0, sum1);
        }
        codes = wasm_i16x8_add_sat(codes, zero_point);
        codes = wasm_i8x16_narrow_i16x8(codes, codes);
        codes = wasm_i8x16_min(wasm_i8x16_max(codes, lowest), highest);
        store_codes(output + row * stride, codes, channels);
    }
}

static void generic_rows(const rkw_epilogue *epilogue, const rkw_panel *panel, const int32_t *sums, int32_t rows,
                         int8_t *output, int32_t stride, int32_t channels) {
    for (int32_t row = 0; row < rows; row++) {
        for (int32_t lane = 0; lane < channels; lane++) {
            const int32_t sum = rk_wrapping_add(sums[row * RKW_LANES + lane], panel->bias[lane]);
            output[row * stride + lane] =
                (int8_t)rk_requantize(&epilogue->plain, sum, panel->multiplier[lane], panel->shift[lane]);
        }
    }
}

#define CASE(kind)                                                                            \
    case kind:                                                                                \
        vector_rows(epilogue, panel, accumulators, rows, output, stride, channels, kind);     \
        return

void rkw_requantize_rows(const rkw_epilogue *epilogue, const rkw_panel *panel, const int32_t *accumulators,
                         int32_t rows, int8_t *output, int32_t stride, int32_t channels) {
    switch (epilogue->kind) {
        CASE(RKW_FLOAT32);
        CASE(RKW_DOUBLE);
        CASE(RKW_SINGLE);
        CASE(RKW_MULTIPLY_FLOOR);
        CASE(RKW_HALF_UP);
        CASE(RKW_HALF_EVEN);
    default:
        generic_rows(epilogue, panel, accumulators, rows, output, stride, channels);
    }
}
