/*
 * Transposed convolution, with groups: the output position o gathers inputs i and taps k with i * stride + k * dilation - pad = o.
 * Layouts and epilogue as in rk_conv.c. Reference: src/ops/conv-transpose.ts.
 *
 * Scratch: kernelHeight * kernelWidth * inputChannels / groups bytes, one filter unpacked.
 */
#include "rk_check_filter.h"
#include "rk_parameters.h"
#include "rk_requantize.h"
#include "rk_weights.h"

rk_status rk_check_conv_transpose(rk_check *check) {
    const rk_conv_transpose_parameters *p = check->parameters;
    if (p->groups < 1 || p->input_channels % p->groups != 0 || p->output_channels % p->groups != 0) {
        return RK_ERROR_PARAMETERS;
    }
    const int32_t filter_size = rk_elements3(p->kernel_height, p->kernel_width, p->input_channels / p->groups);
    const rk_filter filter = RK_FILTER_OF(p, filter_size);
    check->scratch_bytes = (uint32_t)filter_size;
    return rk_check_filter(check, &filter);
}

/* The input index at a distance of whole strides, or -1 where there is none. */
static int32_t source(int32_t distance, int32_t stride, int32_t size) {
    if (distance < 0 || distance % stride != 0) return -1;
    const int32_t index = distance / stride;
    return index < size ? index : -1;
}

#include "rk_element_s8.h"
#include "rk_dot_template.h"
#include "rk_conv_transpose_template.h"

#include "rk_element_s16.h"
#include "rk_dot_template.h"
#include "rk_conv_transpose_template.h"

rk_status rk_run_conv_transpose(const rk_call *call) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        convolve_s8(call);
    } else {
        convolve_s16(call);
    }
    return RK_OK;
}
