/*
 * Convolution, with groups: input [inputHeight][inputWidth][inputChannels], weights OHWI, output channels-last.
 *     y = requantize(bias[o] + sum over taps of w[o] * (x - inputZeroPoint)); padding contributes nothing.
 * One filter is unpacked and then used at every position. Reference: src/ops/conv.ts.
 *
 * Scratch: 4 * kernelHeight * kernelWidth * inputChannels / groups bytes. This file uses one byte per weight; the fast variants keep
 * two columns of int16 there, and one blob serves all.
 */
#include "rk_check_filter.h"
#include "rk_parameters.h"
#include "rk_portable.h"
#include "rk_requantize.h"
#include "rk_weights.h"
#include "rk_window.h"

rk_status rk_check_conv(rk_check *check) {
    const rk_conv_parameters *p = check->parameters;
    if (p->groups < 1 || p->input_channels % p->groups != 0 || p->output_channels % p->groups != 0) {
        return RK_ERROR_PARAMETERS;
    }
    const int32_t filter_size = rk_elements3(p->kernel_height, p->kernel_width, p->input_channels / p->groups);
    const rk_filter filter = RK_FILTER_OF(p, filter_size);
    if (filter_size > INT32_MAX / 4) return RK_ERROR_PARAMETERS;
    check->scratch_bytes = 4u * (uint32_t)filter_size;
    return rk_check_filter(check, &filter);
}

#include "rk_element_s8.h"
#include "rk_dot_template.h"
#include "rk_conv_template.h"

#include "rk_element_s16.h"
#include "rk_dot_template.h"
#include "rk_conv_template.h"

void rk_conv_portable(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        convolve_s8(call);
    } else {
        convolve_s16(call);
    }
}
