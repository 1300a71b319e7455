/*
 * Convolutions of int16 activations: the patches of some output positions at a time are the rows of a matrix product. A sum of as many
 * products as a piece has fits 32 bits whatever the codes and weights are; pieces are added in 64 bits, as the plain kernel adds all.
 */
#include "rkw_conv_wide.h"

#include <wasm_simd128.h>

#include "rk_parameters.h"
#include "rk_window.h"
#include "rkw_filters.h"

/* 448 * 2^7 * 2^15 < 2^31. Positions are whole tiles. A copy writes up to seven elements past its end. */
enum { PIECE_ELEMENTS = 448, POSITIONS = 48, SLACK_ELEMENTS = 8, FILTER_MAX = 1 << 16, WEIGHTS_MAX = 1 << 24 };

static int32_t filter_size_of(const rk_conv_parameters *p) {
    return p->kernel_height * p->kernel_width * p->input_channels;
}

/* Elements of a patch with the one that fills its last step. */
static int32_t row_elements_of(const rk_conv_parameters *p) {
    return (filter_size_of(p) + 1) / 2 * 2;
}

static uint32_t patch_bytes_of(const rk_conv_parameters *p) {
    return rkw_align((uint32_t)(POSITIONS * row_elements_of(p) + SLACK_ELEMENTS) * 2u);
}

static uint32_t panel_bytes_of(const rk_conv_parameters *p) {
    return (uint32_t)rkw_run_steps(filter_size_of(p), 2) * RKW_WEIGHT_BYTES;
}

/* Zero points other than 0 are left to the plain kernel: differences to them need not fit int16. */
static int plan(const rk_operation *operation, rkw_sizes *sizes) {
    const rk_conv_parameters *p = (const void *)(operation + 1);
    if (operation->dtype != RK_DTYPE_INT16 || p->groups != 1 || p->input_zero_point != 0) return 0;
    const int64_t filter_size = (int64_t)p->kernel_height * p->kernel_width * p->input_channels;
    if (filter_size > FILTER_MAX || filter_size * p->output_channels > WEIGHTS_MAX) return 0;
    sizes->packed_bytes = (uint32_t)rkw_panels(p->output_channels) * panel_bytes_of(p);
    sizes->workspace_bytes = patch_bytes_of(p);
    return 1;
}

static void pack(const rk_operation *operation, const uint8_t *constants, void *packed) {
    const rk_conv_parameters *p = (const void *)(operation + 1);
    const int32_t filter_size = filter_size_of(p);
    static const rkw_panel unscaled = {.factor = 1};
    uint8_t *weights = packed;
    for (int32_t channel = 0; channel < p->output_channels; channel += RKW_LANES) {
        const int32_t left = p->output_channels - channel;
        const rkw_filters filters = {constants + p->weights,
                                     p->weight_bits,
                                     0,
                                     channel * filter_size,
                                     left < RKW_LANES ? left : RKW_LANES,
                                     1,
                                     filter_size};
        weights = rkw_pack_filters(&filters, &unscaled, weights);
    }
}

static int16_t *copy_codes(int16_t *target, const int16_t *codes, int32_t count) {
    for (int32_t at = 0; at < count; at += 8) wasm_v128_store(target + at, wasm_v128_load(codes + at));
    return target + count;
}

static int16_t *clear_codes(int16_t *target, int32_t count) {
    for (int32_t at = 0; at < count; at++) target[at] = 0;
    return target + count;
}

/* The patch of one output position, padding as zeros. */
static void gather(const rk_conv_parameters *p, const int16_t *input, int32_t position, int16_t *target) {
    const int32_t origin_y = position / p->output_width * p->stride_height - p->pad_top;
    const int32_t origin_x = position % p->output_width * p->stride_width - p->pad_left;
    const int32_t channels = p->input_channels;
    for (int32_t kernel_y = 0; kernel_y < p->kernel_height; kernel_y++) {
        const int32_t in_y = origin_y + kernel_y * p->dilation_height;
        for (int32_t kernel_x = 0; kernel_x < p->kernel_width; kernel_x++) {
            const int32_t in_x = origin_x + kernel_x * p->dilation_width;
            const int inside = in_y >= 0 && in_y < p->input_height && in_x >= 0 && in_x < p->input_width;
            target = inside ? copy_codes(target, input + (in_y * p->input_width + in_x) * channels, channels)
                            : clear_codes(target, channels);
        }
    }
    if (filter_size_of(p) % 2 != 0) *target = 0;
}

/* totals[position][8] = the bias and the products of `count` patches with one panel of weights; they wrap in 64 bits. */
static void multiply(const rk_conv_parameters *p, const uint8_t *patches, int32_t count, const uint8_t *weights,
                     const uint64_t *bias, uint64_t *totals) {
    static const int32_t zeros[RKW_LANES] = {0};
    const int32_t elements = row_elements_of(p);
    int32_t sums[POSITIONS * RKW_LANES];
    for (int32_t at = 0; at < count * RKW_LANES; at++) totals[at] = bias[at % RKW_LANES];
    for (int32_t first = 0; first < elements; first += PIECE_ELEMENTS) {
        const int32_t left = elements - first;
        const int32_t steps = (left < PIECE_ELEMENTS ? left : PIECE_ELEMENTS) / 2;
        rkw_multiply_rows(patches + first * 2, elements * 2, count, weights, steps, zeros, sums);
        for (int32_t at = 0; at < count * RKW_LANES; at++) totals[at] += (uint64_t)(int64_t)sums[at];
        weights += steps * RKW_WEIGHT_BYTES;
    }
}

/* `count` positions of the sample whose codes start at `output`, all channels. */
static void finish_positions(const rkw_batch *batch, const rk_conv_parameters *p, const uint8_t *patches,
                             int32_t count, int16_t *output) {
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, batch->operation->rule};
    const int32_t *multiplier = rkw_constant(batch->constants, p->multiplier);
    const int32_t *shift = rkw_constant(batch->constants, p->shift);
    const int64_t *bias = rkw_constant(batch->constants, p->bias);
    const uint8_t *weights = batch->packed;
    uint64_t totals[POSITIONS * RKW_LANES];
    for (int32_t channel = 0; channel < p->output_channels; channel += RKW_LANES) {
        const int32_t left = p->output_channels - channel;
        const int32_t lanes = left < RKW_LANES ? left : RKW_LANES;
        uint64_t start[RKW_LANES] = {0};
        for (int32_t lane = 0; lane < lanes && bias != NULL; lane++) start[lane] = (uint64_t)bias[channel + lane];
        multiply(p, patches, count, weights, start, totals);
        for (int32_t lane = 0; lane < lanes; lane++) {
            const int32_t words = (channel + lane) * p->channel_step;
            int16_t *code = output + channel + lane;
            for (int32_t row = 0; row < count; row++, code += p->output_channels) {
                const int64_t total = (int64_t)totals[row * RKW_LANES + lane];
                *code = (int16_t)rk_requantize(&epilogue, total, multiplier[words], shift[words]);
            }
        }
        weights += panel_bytes_of(p);
    }
}

static void run(const rkw_batch *batch) {
    const rk_conv_parameters *p = batch->parameters;
    const int32_t positions = p->output_height * p->output_width;
    int16_t *patches = (int16_t *)(void *)batch->workspace;
    for (uint32_t sample = 0; sample < batch->samples; sample++) {
        const int16_t *input = (const void *)(batch->inputs[0] + sample * batch->input_bytes[0]);
        int16_t *output = (void *)(batch->output + sample * batch->output_bytes);
        for (int32_t first = 0; first < positions; first += POSITIONS) {
            const int32_t left = positions - first;
            const int32_t count = left < POSITIONS ? left : POSITIONS;
            for (int32_t row = 0; row < count; row++) {
                gather(p, input, first + row, patches + row * row_elements_of(p));
            }
            finish_positions(batch, p, batch->workspace, count, output + first * p->output_channels);
        }
    }
}

const rkw_variant rkw_conv_wide = {plan, pack, run};
