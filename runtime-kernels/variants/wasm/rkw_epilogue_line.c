/*
 * Proves a panel's line: value = f32(sum) * scale, moved away from zero by a constant, rounded, clamped. The plain rule and the line are
 * both steps that never go down, so they agree everywhere if they agree at both ends of what the accumulator can reach and on both sides
 * of every step between. Codes of 8 bits have so many steps that some often fall between two values of float32: each lane may have
 * two exceptions, sums whose code is one more than the line gives. A panel with a lane whose line misses more than that keeps its integer
 * epilogue.
 */
#include "rkw_epilogue.h"

#include "rk_float.h"

enum { STEP_TRIES = 3, LINE_MAX = 1 << 22, ZERO_POINT_ROOM = 1 << 9, STEPS_PER_SCALE = 1 << 20, CODES = 256 };

/* Scales that are tried, in float32 steps from the one nearest to the rule's. Ties to away need one that is a little too large. */
static const int32_t scale_steps[] = {0, 1, 2, -1};
enum { SCALES = sizeof(scale_steps) / sizeof(scale_steps[0]) };

typedef struct lane_rule {
    const rk_epilogue *epilogue;
    int32_t multiplier;
    int32_t shift;
} lane_rule;

typedef struct line {
    float scale;
    float away;
    int32_t exceptions;
    int32_t exception[RKW_EXCEPTIONS]; /* sums */
} line;

/* Where the rule's code goes up. */
typedef struct steps {
    int64_t low; /* what the accumulator reaches */
    int64_t high;
    int32_t first; /* code of `low` */
    int32_t last;
    int64_t at[CODES]; /* at[code - first]: the smallest sum with at least that code */
} steps;

static int32_t code_of_rule(const lane_rule *rule, int64_t sum) {
    return rk_requantize(rule->epilogue, sum, rule->multiplier, rule->shift);
}

static int is_exception(const line *l, int64_t sum) {
    for (int32_t at = 0; at < l->exceptions; at++) {
        if (sum == l->exception[at]) return 1;
    }
    return 0;
}

/* The same operations as the vector loop of rkw_epilogue.c; there the packing to 8 bits saturates before the clamp. */
static int32_t code_of_line(const lane_rule *rule, const line *l, int64_t sum) {
    const float value = (float)(int32_t)sum * l->scale;
    const float moved = value + (rk_bits_from_float(value) < 0 ? -l->away : l->away);
    const int32_t scaled = rk_bits_from_float(moved + RKW_LINE_ORIGIN) - RKW_LINE_BITS + is_exception(l, sum);
    return rk_clamp(scaled + rule->epilogue->zero_point, rule->epilogue->clamp_min, rule->epilogue->clamp_max);
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
    if (rule->epilogue->rule == RK_RULE_FLOAT32) return low > INT32_MIN && high <= INT32_MAX;
    return rule->multiplier >= 0 && low > -limit && high < limit;
}

/* The smallest sum whose code is at least `code`, looked for around `guess`; INT64_MAX where that is not near. */
static int64_t find_step(const lane_rule *rule, int32_t code, int64_t guess) {
    int64_t step = guess;
    while (step >= guess - STEP_TRIES && code_of_rule(rule, step) >= code) step--;
    if (step < guess) return step >= guess - STEP_TRIES ? step + 1 : INT64_MAX;
    for (step++; step <= guess + STEP_TRIES; step++) {
        if (code_of_rule(rule, step) >= code) return step;
    }
    return INT64_MAX;
}

/* 0 if a step is not where it should be, or if there are too many for any line to meet. */
static int find_steps(const lane_rule *rule, double scale, steps *s) {
    s->first = code_of_rule(rule, s->low);
    s->last = code_of_rule(rule, s->high);
    if (s->last - s->first > scale * STEPS_PER_SCALE) return 0;
    for (int32_t code = s->first + 1; code <= s->last; code++) {
        const double exact = (code - rule->epilogue->zero_point - 0.5) / scale;
        const int64_t step = find_step(rule, code, (int64_t)__builtin_ceil(exact));
        if (step <= s->low || step > s->high) return 0;
        s->at[code - s->first] = step;
    }
    return 1;
}

/*
 * Whether the line agrees with the rule for all that is reached, but for at most `most` exceptions, which are noted: steps that come one
 * sum late. The line itself never goes down, so apart from them it needs to be right on both sides of each step.
 */
static int agrees(const lane_rule *rule, line *l, const steps *s, int32_t most) {
    l->exceptions = 0;
    if (code_of_line(rule, l, s->low) != s->first) return 0;
    for (int32_t code = s->first + 1; code <= s->last; code++) {
        const int64_t step = s->at[code - s->first];
        if (code_of_line(rule, l, step - 1) >= code) return 0;
        if (code_of_line(rule, l, step) >= code) continue;
        if (l->exceptions >= most) return 0;
        l->exception[l->exceptions++] = (int32_t)step;
        if (code_of_line(rule, l, step) != code_of_rule(rule, step)) return 0;
        if (step < s->high && code_of_line(rule, l, step + 1) < code) return 0;
    }
    return code_of_line(rule, l, s->high) == s->last;
}

/* One lane that reaches [s->low, s->high]; 0 if no line is found. */
static int find_line(const lane_rule *rule, steps *s, line *found) {
    const double scale = real_scale(rule);
    const double most = s->high > -s->low ? (double)s->high : -(double)s->low;
    if (!never_goes_down(rule, s->low, s->high) || scale == 0 || scale * most >= LINE_MAX) return 0;
    if (!find_steps(rule, scale, s)) return 0;
    /* The first of the two roundings lets the second one start half a unit earlier. */
    found->away = rule->epilogue->rule == RK_RULE_DOUBLE && rule->shift < 0 ? (float)power_of_two(rule->shift - 1) : 0;
    for (int32_t exceptions = 0; exceptions <= RKW_EXCEPTIONS; exceptions++) {
        for (int32_t at = 0; at < SCALES; at++) {
            found->scale = rk_float_from_bits(rk_bits_from_float((float)scale) + scale_steps[at]);
            if (agrees(rule, found, s, exceptions)) return 1;
        }
    }
    return 0;
}

static void keep_line(rkw_panel *panel, int32_t lane, const line *found) {
    panel->scale[lane] = found->scale;
    panel->line_away[lane] = found->away;
    for (int32_t at = 0; at < RKW_EXCEPTIONS; at++) {
        panel->exception[at][lane] = at < found->exceptions ? found->exception[at] : RKW_NO_EXCEPTION;
    }
    if (found->exceptions > panel->exceptions) panel->exceptions = found->exceptions;
}

int rkw_find_lines(const rk_epilogue *epilogue, rkw_panel *panel, int32_t lanes, const uint32_t *reach) {
    int wraps = 0;
    for (int32_t lane = 0; lane < RKW_LANES; lane++) {
        line found = {0};
        if (lane < lanes) {
            const lane_rule rule = {epilogue, panel->multiplier[lane], panel->shift[lane]};
            const int64_t bias = panel->bias[lane];
            steps s = {.low = bias - reach[lane], .high = bias + reach[lane]};
            wraps |= s.low <= RKW_NO_EXCEPTION || s.high > INT32_MAX;
            if (!panel->constant[lane] && !find_line(&rule, &s, &found)) return 0;
        }
        keep_line(panel, lane, &found);
    }
    /* Sums of constant lanes may wrap, and then meet even the one that stands for no exception. */
    return panel->exceptions == 0 || !wraps;
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
