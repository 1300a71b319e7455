/*
 * The epilogue of every kernel that accumulates: an accumulator and two words become an output code, by one of the rules. The words
 * were checked by rk_check_scale. One function per rule: a new rule is one function and one case of the switch.
 * Reference: src/arithmetic/rules.
 */
#ifndef RK_REQUANTIZE_H
#define RK_REQUANTIZE_H

#include "rk_float.h"
#include "rk_kernel.h"
#include "rk_opcodes.h"
#include "rk_rounding.h"

/* What is the same for all outputs of an operation. */
typedef struct rk_epilogue {
    int32_t zero_point;
    int32_t clamp_min;
    int32_t clamp_max;
    uint8_t rule;
} rk_epilogue;

/* TFLite adds the zero point in 32 bits, wrapping. */
static inline int32_t rk_finish_wrapping(const rk_epilogue *epilogue, int32_t scaled) {
    return rk_clamp(rk_wrapping_add(scaled, epilogue->zero_point), epilogue->clamp_min, epilogue->clamp_max);
}

/* The others never overflow there: clamping first is the same without the wider sum. */
static inline int32_t rk_finish(const rk_epilogue *epilogue, int32_t scaled) {
    const int32_t zero_point = epilogue->zero_point;
    return rk_clamp(scaled, epilogue->clamp_min - zero_point, epilogue->clamp_max - zero_point) + zero_point;
}

static inline int32_t rk_requantize_double(const rk_epilogue *epilogue, int32_t accumulator, int32_t multiplier,
                                           int32_t shift) {
    return rk_finish_wrapping(epilogue, rk_multiply_double_rounding(accumulator, multiplier, shift));
}

static inline int32_t rk_requantize_single(const rk_epilogue *epilogue, int32_t accumulator, int32_t multiplier,
                                           int32_t shift) {
    return rk_finish_wrapping(epilogue, rk_multiply_single_rounding(accumulator, multiplier, shift));
}

/* A value in units of the output scale: clamped, rounded half to even, the zero point added last. */
static inline int32_t rk_quantize_float(const rk_epilogue *epilogue, float value) {
    const int32_t zero_point = epilogue->zero_point;
    return rk_round_half_even_clamped(value, epilogue->clamp_min - zero_point, epilogue->clamp_max - zero_point) +
           zero_point;
}

/* `multiplier` is the bit pattern of the scale. */
static inline int32_t rk_requantize_float32(const rk_epilogue *epilogue, int32_t accumulator, int32_t multiplier) {
    return rk_quantize_float(epilogue, (float)accumulator * rk_float_from_bits(multiplier));
}

static inline int32_t rk_requantize_shift_half_up(const rk_epilogue *epilogue, int64_t accumulator, int32_t shift) {
    return rk_finish(epilogue, shift < 0 ? rk_saturate(rk_shift_half_up(accumulator, -shift))
                                         : rk_saturating_shift_left(accumulator, shift));
}

static inline int32_t rk_requantize_shift_half_even(const rk_epilogue *epilogue, int64_t accumulator, int32_t shift) {
    return rk_finish(epilogue, shift < 0 ? rk_saturate(rk_shift_half_even(accumulator, -shift))
                                         : rk_saturating_shift_left(accumulator, shift));
}

static inline int32_t rk_requantize_multiply_shift_floor(const rk_epilogue *epilogue, int32_t accumulator,
                                                         int32_t multiplier, int32_t shift) {
    return rk_finish(epilogue, rk_saturate((int64_t)accumulator * multiplier >> -shift));
}

static inline int32_t rk_requantize_reduced_16(const rk_epilogue *epilogue, int64_t accumulator, int32_t multiplier,
                                               int32_t shift) {
    return rk_finish_wrapping(epilogue, rk_multiply_reduced_16(accumulator, multiplier, shift));
}

/* One accumulator to one output code. Rules of 32-bit accumulators take the low 32 bits, as their runtimes wrap. */
static inline int32_t rk_requantize(const rk_epilogue *epilogue, int64_t accumulator, int32_t multiplier,
                                    int32_t shift) {
    switch (epilogue->rule) {
    case RK_RULE_DOUBLE:
        return rk_requantize_double(epilogue, (int32_t)accumulator, multiplier, shift);
    case RK_RULE_SINGLE:
        return rk_requantize_single(epilogue, (int32_t)accumulator, multiplier, shift);
    case RK_RULE_FLOAT32:
        return rk_requantize_float32(epilogue, (int32_t)accumulator, multiplier);
    case RK_RULE_SHIFT_HALF_UP:
        return rk_requantize_shift_half_up(epilogue, accumulator, shift);
    case RK_RULE_SHIFT_HALF_EVEN:
        return rk_requantize_shift_half_even(epilogue, accumulator, shift);
    case RK_RULE_MULTIPLY_SHIFT_FLOOR:
        return rk_requantize_multiply_shift_floor(epilogue, (int32_t)accumulator, multiplier, shift);
    default:
        return rk_requantize_reduced_16(epilogue, accumulator, multiplier, shift);
    }
}

/* The words of each output channel. */
typedef struct rk_scales {
    const int32_t *multiplier;
    const int32_t *shift;
    int32_t channel_step; /* 1: a pair per channel; 0: one for all */
} rk_scales;

static inline rk_scales rk_scales_of(const rk_call *call, uint32_t multiplier, uint32_t shift, int32_t channel_step) {
    const rk_scales scales = {rk_constant(call, multiplier), rk_constant(call, shift), channel_step};
    return scales;
}

static inline int32_t rk_requantize_channel(const rk_epilogue *epilogue, const rk_scales *scales, int64_t accumulator,
                                            int32_t channel) {
    const int32_t index = channel * scales->channel_step;
    return rk_requantize(epilogue, accumulator, scales->multiplier[index], scales->shift[index]);
}

#endif
