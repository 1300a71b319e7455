/*
 * Sum and difference, the fast way: int8 activations under the double rounding with TFLite's 20 extra bits, inputs scaled to the right;
 * the rest goes to the portable kernel. An input has 9 bits, so its scaled product needs two 32-bit products and no 64-bit one.
 */
#include "rk_requantize_run.h"
#include "rk_parameters.h"
#include "rk_portable.h"

enum { LEFT_SHIFT = 20, SUMS_AT_ONCE = 16 };

/* One input: doubling high product of (x << 20), which is (x * multiplier + 2^10) >> 11, then the rounding division. */
typedef struct term {
    int32_t zero_point;
    int32_t multiplier_high;
    int32_t multiplier_low;
    int32_t right_shift;
} term;

static inline int32_t scaled(const term *t, int32_t code) {
    const int32_t x = code - t->zero_point;
    const int32_t high = x * t->multiplier_high * 32 + ((x * t->multiplier_low + (1 << 10)) >> 11);
    const int32_t toward = high + (high >> 31);
    const int32_t right_shift = t->right_shift;
    return right_shift == 0 ? high : (toward >> right_shift) + ((toward >> (right_shift - 1)) & 1);
}

static RK_NOINLINE void scale_into(const term *t, const int8_t *codes, int32_t count, int32_t *sums) {
    for (int32_t index = 0; index < count; index++) sums[2 * index] = scaled(t, codes[index]);
}

/* sign is 0 to add, -1 to subtract. */
static RK_NOINLINE void scale_onto(const term *t, const int8_t *codes, int32_t count, int32_t sign, int32_t *sums) {
    for (int32_t index = 0; index < count; index++) sums[2 * index] += (scaled(t, codes[index]) ^ sign) - sign;
}

static void add(const rk_call *call) {
    const rk_add_parameters *p = call->parameters;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, call->operation->rule};
    const rk_scales scales = {&p->output_multiplier, &p->output_shift, 0};
    const rk_run run = rk_run_along_channels(&epilogue, &scales, 1);
    const term term1 = {p->input1_zero_point, p->input1_multiplier >> 16, p->input1_multiplier & 0xFFFF,
                        -p->input1_shift};
    const term term2 = {p->input2_zero_point, p->input2_multiplier >> 16, p->input2_multiplier & 0xFFFF,
                        -p->input2_shift};
    const int8_t *input1 = call->inputs[0];
    int8_t *output = call->output;
    int32_t sums[2 * SUMS_AT_ONCE];
    for (int32_t first = 0; first < p->elements; first += p->input2_elements) {
        const int8_t *input2 = call->inputs[1];
        for (int32_t left = p->input2_elements; left > 0; left -= SUMS_AT_ONCE) {
            const int32_t count = rk_min(left, SUMS_AT_ONCE);
            scale_into(&term1, input1, count, sums);
            scale_onto(&term2, input2, count, -p->subtract, sums);
            rk_requantize_run(&run, sums, count, output);
            input1 += count;
            input2 += count;
            output += count;
        }
    }
}

rk_status rk_run_add(const rk_call *call);

rk_status rk_run_add(const rk_call *call) {
    const rk_add_parameters *p = call->parameters;
    if (call->operation->dtype != RK_DTYPE_INT8 || call->operation->rule != RK_RULE_DOUBLE ||
        p->left_shift != LEFT_SHIFT || p->input1_shift > 0 || p->input2_shift > 0) {
        rk_add_portable(call);
        return RK_OK;
    }
    add(call);
    return RK_OK;
}
