/*
 * Packs what depends on a channel for the vector epilogues, and proves which of them is exact for a panel: rkw_epilogue.c says how they
 * work.
 */
#include "rkw_epilogue.h"

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

static uint32_t magnitude(int32_t value) {
    return value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
}

static int32_t factor_of(rkw_kind kind) {
    return kind == RKW_DOUBLE ? 2 : kind == RKW_SINGLE ? SINGLE_FACTOR : 1;
}

/* One lane with the shift that the panel shares; 0 if it does not fit. A constant lane keeps power 0, which gives 0. */
static int share_shift(rkw_panel *panel, int32_t lane, int32_t total, uint64_t reach) {
    const int32_t rest = total - panel->pre_shift;
    if (panel->constant[lane]) return 1;
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

/* One lane with a shift of its own; 0 if it does not fit. A constant lane keeps power 0, which gives 0. */
static int own_shift(rkw_panel *panel, int32_t lane, int32_t total) {
    if (panel->constant[lane]) return 1;
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
        if (panel->constant[lane]) continue;
        if (total < smallest) smallest = total;
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
    for (int32_t lane = 0; lane < RKW_LANES; lane++) {
        /* The sums of constant lanes may wrap: nothing is made of them. */
        panel->bias[lane] = (int32_t)((uint32_t)panel->bias[lane] * (uint32_t)panel->factor);
    }
}

static void choose_kind(const rk_epilogue *epilogue, rkw_panel *panel, int32_t lanes, const uint32_t *reach) {
    for (int32_t lane = 0; lane < RKW_LANES; lane++) panel->zero_point[lane] = (int16_t)epilogue->zero_point;
    rkw_find_constants(epilogue, panel, lanes, reach);
    if (rkw_find_lines(epilogue, panel, lanes, reach)) {
        panel->kind = RKW_LINE;
        return;
    }
    panel->kind = kind_of_rule(epilogue->rule);
    if (panel->kind != RKW_GENERIC) choose_shifts(panel, epilogue->rule, lanes, reach);
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
        choose_kind(epilogue, panel, lanes, reach + first);
        apply_factor(panel);
    }
}
