/* The epilogue of the fast variants but for its fast loop; see rk_requantize_run.h. */
#include "rk_requantize_run.h"

rk_run rk_run_along_channels(const rk_epilogue *epilogue, const rk_scales *scales, int32_t channels) {
    rk_run run = {scales->multiplier,  scales->shift,       4 * scales->channel_step, epilogue->zero_point,
                     epilogue->clamp_min, epilogue->clamp_max, 1,                        epilogue,
                     epilogue->rule == RK_RULE_DOUBLE};
    const int32_t scale_count = scales->channel_step == 0 ? 1 : channels;
    for (int32_t channel = 0; channel < scale_count; channel++) {
        if (scales->shift[channel] >= 0) run.all_right = 0;
    }
    return run;
}

rk_run rk_run_from(const rk_run *run, int32_t place) {
    rk_run rest = *run;
    const int32_t words = place * (run->word_step / 4);
    rest.multiplier += words;
    rest.shift += words;
    return rest;
}

rk_run rk_run_in_channel(const rk_run *along, int32_t channel, int32_t output_step) {
    rk_run run = rk_run_from(along, channel);
    run.word_step = 0;
    run.output_step = output_step;
    return run;
}

rk_run rk_run_of_lane(const rk_run *along, int32_t lane, int32_t lanes) {
    rk_run run = rk_run_from(along, lane);
    run.word_step *= lanes;
    run.output_step = lanes;
    return run;
}

static RK_NOINLINE void requantize_any(const rk_run *run, const int32_t *sums, int32_t count, int8_t *output) {
    const int32_t word_step = run->word_step / 4;
    for (int32_t index = 0; index < count; index++) {
        const int32_t scale = index * word_step;
        *output = (int8_t)rk_requantize(run->epilogue, sums[2 * index], run->multiplier[scale], run->shift[scale]);
        output += run->output_step;
    }
}

void rk_requantize_run(const rk_run *run, const int32_t *sums, int32_t count, int8_t *output) {
    if (run->all_right) {
        rk_requantize_right(run, sums, count, output);
    } else {
        requantize_any(run, sums, count, output);
    }
}
