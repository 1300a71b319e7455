/* Double roundings to the right with a 64-bit product; see rk_requantize_run.h. */
#include "rk_requantize_run.h"

/*
 * Multipliers are not negative, so the doubling high product neither saturates nor is it INT32_MIN; with its sign added, ties go away
 * from zero by rounding half up.
 */
static inline int32_t requantize_right(const rk_run *run, int32_t sum, int32_t multiplier, int32_t right_shift) {
    const int32_t high = rk_rounded_high_product(sum, multiplier);
    const int32_t toward = high + (high >> 31);
    const int32_t rounded = ((toward >> (right_shift - 1)) + 1) >> 1;
    return rk_clamp(rk_wrapping_add(rounded, run->zero_point), run->clamp_min, run->clamp_max);
}

void rk_requantize_right(const rk_run *run, const int32_t *sums, int32_t count, int8_t *output) {
    const int32_t word_step = run->word_step / 4;
    const int32_t *multiplier = run->multiplier;
    const int32_t *shift = run->shift;
    for (; count > 0; count--) {
        *output = (int8_t)requantize_right(run, *sums, *multiplier, -*shift);
        sums += 2;
        multiplier += word_step;
        shift += word_step;
        output += run->output_step;
    }
}
