/*
 * Depthwise convolution: input [inputHeight][inputWidth][inputChannels], weights HWO, output channels-last; output channel o reads
 * input channel o / channelMultiplier alone.
 *     y = requantize(bias[o] + sum over taps of w[tap][o] * (x - inputZeroPoint)); padding contributes nothing.
 * The taps of a channel are gathered once and then used at every position. Reference: src/ops/depthwise-conv.ts.
 *
 * Scratch: 16 * kernelHeight * kernelWidth bytes. This file uses one byte per tap; the fast variants keep several channels there, and
 * one blob serves all.
 */
#include "rk_check_filter.h"
#include "rk_parameters.h"
#include "rk_portable.h"
#include "rk_requantize.h"
#include "rk_weights.h"
#include "rk_window.h"

rk_status rk_check_depthwise_conv(rk_check *check) {
    const rk_depthwise_conv_parameters *p = check->parameters;
    if (rk_elements2(p->input_channels, p->channel_multiplier) != p->output_channels) return RK_ERROR_PARAMETERS;
    const int32_t taps = rk_elements2(p->kernel_height, p->kernel_width);
    const rk_filter filter = RK_FILTER_OF(p, taps);
    if (taps > INT32_MAX / 16) return RK_ERROR_PARAMETERS;
    check->scratch_bytes = 16u * (uint32_t)taps;
    return rk_check_filter(check, &filter);
}

#include "rk_element_s8.h"
#include "rk_dot_template.h"
#include "rk_depthwise_conv_template.h"

#include "rk_element_s16.h"
#include "rk_dot_template.h"
#include "rk_depthwise_conv_template.h"

void rk_depthwise_conv_portable(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        convolve_s8(call);
    } else {
        convolve_s16(call);
    }
}
