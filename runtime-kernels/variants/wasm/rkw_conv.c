/*
 * Chooses how a convolution runs: 1x1 ones as one matrix product over all pixels, 3x3 ones with stride 1 by Winograd where the weights
 * prove it exact, all others over bands of input rows; int16 activations have a way of their own. What would need absurd amounts of
 * memory is left to the plain kernel.
 */
#include "rkw_conv.h"
#include "rkw_conv_wide.h"
#include "rkw_rows.h"
#include "rkw_winograd.h"

enum { WORK_BYTES_MAX = 1 << 26, WINOGRAD_CHANNELS_MIN = 8 };

static rkw_rows_layer rows_layer_of(const rk_conv_parameters *p) {
    const rkw_rows_layer layer = {p->input_channels, p->output_channels, p->input_zero_point};
    return layer;
}

static rkw_sizes pointwise_sizes(const rk_conv_parameters *p) {
    const rkw_rows_layer layer = rows_layer_of(p);
    return rkw_rows_sizes(&layer);
}

static void pointwise_pack(const rk_conv_parameters *p, const uint8_t *codes, rkw_product *product, rkw_panel *panels,
                           uint8_t *weights) {
    const rkw_rows_layer layer = rows_layer_of(p);
    rkw_rows_pack(&layer, codes, p->weight_bits, 0, product, panels, weights);
}

static void pointwise_run(const rkw_batch *batch, const rk_conv_parameters *p) {
    const rkw_rows_layer layer = rows_layer_of(p);
    rkw_rows_run(&layer, batch, batch->samples * (uint32_t)(p->output_height * p->output_width));
}

const rkw_conv_algorithm rkw_conv_pointwise = {pointwise_sizes, pointwise_pack, pointwise_run};

static const rkw_conv_algorithm *algorithm_of(int32_t choice) {
    switch (choice) {
    case RKW_CONV_POINTWISE:
        return &rkw_conv_pointwise;
    case RKW_CONV_WINOGRAD:
        return &rkw_conv_winograd;
    default:
        return &rkw_conv_bands;
    }
}

static int is_pointwise(const rk_conv_parameters *p) {
    return p->kernel_height == 1 && p->kernel_width == 1 && p->stride_height == 1 && p->stride_width == 1 &&
           p->pad_top == 0 && p->pad_left == 0 && p->groups == 1 && p->input_height == p->output_height &&
           p->input_width == p->output_width;
}

static int is_winograd(const rk_conv_parameters *p) {
    return p->kernel_height == 3 && p->kernel_width == 3 && p->stride_height == 1 && p->stride_width == 1 &&
           p->dilation_height == 1 && p->dilation_width == 1 && p->groups == 1 &&
           p->input_channels >= WINOGRAD_CHANNELS_MIN && p->output_channels >= WINOGRAD_CHANNELS_MIN;
}

/* All sizes are products of these two, so neither overflows later. */
static int is_moderate(const rk_conv_parameters *p) {
    const int64_t width = (int64_t)p->output_width * p->stride_width + (int64_t)p->kernel_width * p->dilation_width + 8;
    const int64_t height = (int64_t)p->stride_height + (int64_t)p->kernel_height * p->dilation_height + 8;
    const int64_t weights = (int64_t)p->kernel_height * (p->kernel_width + 1) * (p->input_channels + 8);
    if (width * (p->input_channels + 8) > WORK_BYTES_MAX || height > WORK_BYTES_MAX) return 0;
    return width * (p->input_channels + 8) * height * 2 < WORK_BYTES_MAX && weights * 64 < WORK_BYTES_MAX &&
           weights * (p->output_channels + 8) * 8 < WORK_BYTES_MAX * 4LL;
}

static uint32_t reach_offset(const rk_conv_parameters *p, uint32_t weight_bytes) {
    return rkw_weights_offset(rkw_panels(p->output_channels)) + rkw_align(weight_bytes);
}

static uint32_t larger(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* Sizes of whichever algorithm the weights will allow. */
static rkw_sizes sizes_of(const rk_conv_parameters *p) {
    if (is_pointwise(p)) return rkw_conv_pointwise.sizes(p);
    rkw_sizes sizes = rkw_conv_bands.sizes(p);
    if (is_winograd(p)) {
        const rkw_sizes winograd = rkw_conv_winograd.sizes(p);
        sizes.packed_bytes = larger(sizes.packed_bytes, winograd.packed_bytes);
        sizes.workspace_bytes = larger(sizes.workspace_bytes, winograd.workspace_bytes);
    }
    return sizes;
}

static int plan(const rk_operation *operation, rkw_sizes *sizes) {
    const rk_conv_parameters *p = (const void *)(operation + 1);
    if (operation->dtype == RK_DTYPE_INT16) return rkw_conv_wide.plan(operation, sizes);
    if (!is_moderate(p)) return 0;
    if (p->groups > 1 && p->output_channels / p->groups % RKW_LANES != 0) return 0;
    *sizes = sizes_of(p);
    sizes->packed_bytes = reach_offset(p, sizes->packed_bytes) + (uint32_t)p->output_channels * 4u;
    return 1;
}

/* Largest |sum of w * x| per channel, saturated; returns the largest of all with its bias. */
static uint64_t find_reach(const rk_conv_parameters *p, const uint8_t *codes, const int32_t *bias, uint32_t *reach) {
    const int32_t filter_size = p->kernel_height * p->kernel_width * (p->input_channels / p->groups);
    const uint64_t difference = rkw_difference_max(p->input_zero_point);
    uint64_t most = 0;
    for (int32_t channel = 0; channel < p->output_channels; channel++) {
        uint64_t sum = 0;
        for (int32_t at = 0; at < filter_size; at++) {
            const int32_t code = rk_weight_at(codes, p->weight_bits, channel * filter_size + at);
            sum += (uint32_t)(code < 0 ? -code : code);
        }
        reach[channel] = sum * difference > UINT32_MAX ? UINT32_MAX : (uint32_t)(sum * difference);
        const int64_t start = bias == NULL ? 0 : bias[channel];
        const uint64_t with_bias = reach[channel] + (uint64_t)(start < 0 ? -start : start);
        if (with_bias > most) most = with_bias;
    }
    return most;
}

static void pack(const rk_operation *operation, const uint8_t *constants, void *packed) {
    if (operation->dtype == RK_DTYPE_INT16) {
        rkw_conv_wide.pack(operation, constants, packed);
        return;
    }
    const rk_conv_parameters *p = (const void *)(operation + 1);
    const uint8_t *codes = constants + p->weights;
    uint8_t *bytes = packed;
    rkw_product *product = packed;
    uint32_t *reach = (uint32_t *)(void *)(bytes + reach_offset(p, sizes_of(p).packed_bytes));
    const int32_t *bias = rkw_constant(constants, p->bias);
    const uint64_t most = find_reach(p, codes, bias, reach);
    product->algorithm = is_pointwise(p)                                  ? RKW_CONV_POINTWISE
                         : is_winograd(p) && most < RKW_WINOGRAD_REACH ? RKW_CONV_WINOGRAD
                                                                          : RKW_CONV_BANDS;
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, operation->rule};
    const rkw_channel_words words = {bias, rkw_constant(constants, p->multiplier), rkw_constant(constants, p->shift),
                                     p->channel_step, p->output_channels};
    rkw_panel *panels = (rkw_panel *)(void *)(bytes + rkw_align(sizeof(rkw_product)));
    product->epilogue = epilogue;
    product->narrow = 0;
    rkw_pack_epilogue(&epilogue, panels, &words, reach);
    algorithm_of(product->algorithm)
        ->pack(p, codes, product, panels, bytes + rkw_weights_offset(rkw_panels(p->output_channels)));
}

static void run(const rkw_batch *batch) {
    if (batch->operation->dtype == RK_DTYPE_INT16) {
        rkw_conv_wide.run(batch);
        return;
    }
    const rkw_product *product = batch->packed;
    algorithm_of(product->algorithm)->run(batch, batch->parameters);
}

const rkw_variant rkw_conv_variant = {plan, pack, run};
