/*
 * Proves a panel's line: value = f32(sum) * scale, moved away from zero by a constant, rounded, clamped. The plain rule and the line are
 * both steps that never go down, so they agree everywhere if they agree at both ends of what the accumulator can reach and on both sides
 * of every step between. A panel with a lane whose steps the line misses keeps its integer epilogue: usual for codes of 8 bits, whose
 * steps are finer than float32, and rare for 4 bits.
 */
#include "rkw_epilogue.h"

#include "rk_float.h"

enum { SCALES = 4, STEP_TRIES = 3, LINE_MAX = 1 << 22, ZERO_POINT_ROOM = 1 << 9, STEPS_PER_SCALE = 1 << 16 };

typedef struct lane_rule {
    const rk_epilogue *epilogue;
    int32_t multiplier;
    int32_t shift;
} lane_rule;

typedef struct line {
    float scale;
    float away;
} line;

static int32_t code_of_rule(const lane_rule *rule, int64_t sum) {
    return rk_requantize(rule->epilogue, sum, rule->multiplier, rule->shift);
}

/* The same operations as the vector loop of rkw_epilogue.c; there the packing to 8 bits saturates before the clamp. */
static int32_t code_of_line(const lane_rule *rule, const line *l, int64_t sum) {
    const float value = (float)(int32_t)sum * l->scale;
    const float moved = value + (rk_bits_from_float(value) < 0 ? -l->away : l->away);
    const int32_t code = rk_bits_from_float(moved + RKW_LINE_ORIGIN) - RKW_LINE_BITS + rule->epilogue->zero_point;
    return rk_clamp(code, rule->epilogue->clamp_min, rule->epilogue->clamp_max);
}

static double power_of_two(int32_t exponent) {
    return rk_float_from_bits((127 + exponent) << 23);
}

/* What the rule approximates, in codes per unit of the accumulator; 0 for those that round down. */
static double real_scale(const lane_rule *rule) {
    switch (rule->epilogue->rule) {
    case RK_RULE_DOUBLE:
    case RK_RULE_SINGLE:
        return rule->multiplier * power_of_two(rule->shift - 31);
    case RK_RULE_FLOAT32:
        return rk_float_from_bits(rule->multiplier);
    case RK_RULE_SHIFT_HALF_EVEN:
        return power_of_two(rule->shift);
    default:
        return 0;
    }
}

/* Left shifts wrap or saturate, and so does adding the zero point; this far from the limits nothing does, and the rule never goes down. */
static int never_goes_down(const lane_rule *rule, int64_t low, int64_t high) {
    const int64_t limit = rule->shift > 0 ? (1 << 30) >> rule->shift : INT32_MAX - ZERO_POINT_ROOM;
    if (rule->epilogue->rule == RK_RULE_FLOAT32) return low >= INT32_MIN && high <= INT32_MAX;
    return rule->multiplier >= 0 && low > -limit && high < limit;
}

/* The smallest sum whose code is at least `code`, looked for around `guess`; past INT32_MAX where that is not near. */
static int64_t find_step(const lane_rule *rule, int32_t code, int64_t guess) {
    for (int64_t step = guess - STEP_TRIES; step <= guess + STEP_TRIES; step++) {
        if (code_of_rule(rule, step) >= code) return step > guess - STEP_TRIES ? step : INT64_MAX;
    }
    return INT64_MAX;
}

static int agrees(const lane_rule *rule, const line *l, double scale, int64_t low, int64_t high) {
    const int32_t first = code_of_rule(rule, low);
    const int32_t last = code_of_rule(rule, high);
    if (code_of_line(rule, l, low) != first || code_of_line(rule, l, high) != last) return 0;
    /* Not worth a try: of so many steps some fall between two values of the line. */
    if (last - first > scale * STEPS_PER_SCALE) return 0;
    for (int32_t code = first + 1; code <= last; code++) {
        const double exact = (code - rule->epilogue->zero_point - 0.5) / scale;
        const int64_t step = find_step(rule, code, (int64_t)__builtin_ceil(exact));
        if (step <= low || step > high) return 0;
        if (code_of_line(rule, l, step) < code || code_of_line(rule, l, step - 1) >= code) return 0;
    }
    return 1;
}

/* One lane that reaches [low, high]; 0 if no line is found. Ties to away need a scale that is a little too large. */
static int find_line(const lane_rule *rule, int64_t low, int64_t high, line *found) {
    const double scale = real_scale(rule);
    const double most = high > -low ? (double)high : -(double)low;
    if (!never_goes_down(rule, low, high) || scale == 0 || scale * most >= LINE_MAX) return 0;
    /* The first of the two roundings lets the second one start half a unit earlier. */
    found->away = rule->epilogue->rule == RK_RULE_DOUBLE && rule->shift < 0 ? (float)power_of_two(rule->shift - 1) : 0;
    for (int32_t ulps = 0; ulps < SCALES; ulps++) {
        found->scale = rk_float_from_bits(rk_bits_from_float((float)scale) + ulps);
        if (agrees(rule, found, scale, low, high)) return 1;
    }
    return 0;
}

int rkw_find_lines(const rk_epilogue *epilogue, rkw_panel *panel, int32_t lanes, const uint32_t *reach) {
    for (int32_t lane = 0; lane < lanes; lane++) {
        const lane_rule rule = {epilogue, panel->multiplier[lane], panel->shift[lane]};
        const int64_t bias = panel->bias[lane];
        line found = {0, 0};
        if (!panel->constant[lane] && !find_line(&rule, bias - reach[lane], bias + reach[lane], &found)) return 0;
        panel->scale[lane] = found.scale;
        panel->line_away[lane] = found.away;
    }
    return 1;
}

void rkw_find_constants(const rk_epilogue *epilogue, rkw_panel *panel, int32_t lanes, const uint32_t *reach) {
    for (int32_t lane = 0; lane < lanes; lane++) {
        const lane_rule rule = {epilogue, panel->multiplier[lane], panel->shift[lane]};
        const int64_t low = (int64_t)panel->bias[lane] - reach[lane];
        const int64_t high = (int64_t)panel->bias[lane] + reach[lane];
        const int known = reach[lane] == 0 || never_goes_down(&rule, low, high);
        const int32_t code = code_of_rule(&rule, low);
        if (!known || code != code_of_rule(&rule, high)) continue;
        panel->constant[lane] = 1;
        panel->zero_point[lane] = (int16_t)code;
    }
}
