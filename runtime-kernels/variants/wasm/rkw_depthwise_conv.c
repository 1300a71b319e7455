/*
 * Depthwise convolution, eight channels at a time. A band of padded input rows is widened to int16 with each row interleaved with the
 * one below it (dilation rows on), so that one i32x4.dot_i16x8 multiplies two kernel rows of four channels at once; an odd last kernel
 * row meets zero weights. Windows three wide share their columns among neighbouring outputs. Covers channelMultiplier 1.
 */
#include "rkw_depthwise.h"
#include "rkw_product.h"
#include "rkw_widen.h"

enum { BAND_BYTES = 96 * 1024, WORK_BYTES_MAX = 1 << 26 };

typedef struct workspace {
    int16_t *row[2]; /* two widened rows */
    int16_t *band;   /* [input row][x][channels / 4][4][2] */
    int32_t *sums;
    uint32_t bytes;
} workspace;

static int32_t band_input_rows(const rk_depthwise_conv_parameters *p, const rkw_depthwise_geometry *g, int32_t rows) {
    return (rows - 1) * p->stride_height + (2 * g->row_pairs - 2) * p->dilation_height + 1;
}

static rkw_depthwise_geometry geometry_of(const rk_depthwise_conv_parameters *p) {
    rkw_depthwise_geometry g;
    g.panels = rkw_panels(p->input_channels);
    g.channels = g.panels * RKW_LANES;
    g.row_pairs = (p->kernel_height + 1) / 2;
    g.padded_width = (p->output_width + RKW_POSITIONS - 2) * p->stride_width + (p->kernel_width - 1) * p->dilation_width + 1;
    g.row_elements = g.padded_width * g.channels;
    const int32_t rows = BAND_BYTES / (g.row_elements * p->stride_height * 4);
    g.band_rows = rows < 1 ? 1 : rows > p->output_height ? p->output_height : rows;
    return g;
}

static workspace lay_out(const rk_depthwise_conv_parameters *p, const rkw_depthwise_geometry *g, uint8_t *base) {
    const uint32_t row = rkw_align(((uint32_t)g->row_elements + 8u) * 2u);
    const uint32_t band = (uint32_t)band_input_rows(p, g, g->band_rows) * (uint32_t)g->row_elements * 4u;
    workspace w;
    w.row[0] = (int16_t *)(void *)base;
    w.row[1] = (int16_t *)(void *)(base + row);
    w.band = (int16_t *)(void *)(base + 2 * row);
    w.sums = (int32_t *)(void *)(base + 2 * row + band);
    w.bytes = 2 * row + band + (uint32_t)(p->output_width + RKW_POSITIONS) * RKW_WEIGHT_BYTES;
    return w;
}

/* All sizes are products of these, so none overflows later. */
static int is_moderate(const rk_depthwise_conv_parameters *p) {
    const int64_t width =
        ((int64_t)p->output_width + RKW_POSITIONS) * p->stride_width + (int64_t)p->kernel_width * p->dilation_width;
    const int64_t height = (int64_t)p->stride_height + ((int64_t)p->kernel_height + 1) * p->dilation_height;
    const int64_t channels = (int64_t)p->input_channels + RKW_LANES;
    if (width * channels > WORK_BYTES_MAX || height > WORK_BYTES_MAX) return 0;
    return width * channels * height * 4 < WORK_BYTES_MAX &&
           (int64_t)(p->kernel_height + 1) * p->kernel_width < WORK_BYTES_MAX / 4 / channels;
}

static uint32_t weight_bytes(const rk_depthwise_conv_parameters *p, const rkw_depthwise_geometry *g) {
    return (uint32_t)(g->panels * g->row_pairs * p->kernel_width) * RKW_WEIGHT_BYTES;
}

static int plan(const rk_operation *operation, rkw_sizes *sizes) {
    const rk_depthwise_conv_parameters *p = (const void *)(operation + 1);
    if (operation->dtype != RK_DTYPE_INT8 || p->channel_multiplier != 1 || !is_moderate(p)) return 0;
    const rkw_depthwise_geometry g = geometry_of(p);
    sizes->packed_bytes =
        rkw_weights_offset(g.panels) + weight_bytes(p, &g) + (uint32_t)g.channels * (uint32_t)sizeof(uint32_t);
    sizes->workspace_bytes = lay_out(p, &g, NULL).bytes;
    return 1;
}

/* [panel][row pair][kernel column][8][2] from HWO. */
static void pack_weights(const rk_depthwise_conv_parameters *p, const rkw_depthwise_geometry *g, const uint8_t *codes,
                         const rkw_panel *panel, int16_t *target) {
    for (int32_t first = 0; first < g->channels; first += RKW_LANES, panel++) {
        for (int32_t pair = 0; pair < g->row_pairs; pair++) {
            for (int32_t column = 0; column < p->kernel_width; column++) {
                for (int32_t lane = 0; lane < 2 * RKW_LANES; lane++) {
                    const int32_t channel = first + lane / 2;
                    const int32_t row = 2 * pair + lane % 2;
                    const int valid = channel < p->input_channels && row < p->kernel_height;
                    const int32_t index = (row * p->kernel_width + column) * p->output_channels + channel;
                    *target++ = (int16_t)(valid ? rk_weight_at(codes, p->weight_bits, index) * panel->factor : 0);
                }
            }
        }
    }
}

static void pack(const rk_operation *operation, const uint8_t *constants, void *packed) {
    const rk_depthwise_conv_parameters *p = (const void *)(operation + 1);
    const rkw_depthwise_geometry g = geometry_of(p);
    const uint8_t *codes = constants + p->weights;
    uint8_t *bytes = packed;
    uint8_t *weights = bytes + rkw_weights_offset(g.panels);
    uint32_t *reach = (uint32_t *)(void *)(weights + weight_bytes(p, &g));
    const int32_t taps = p->kernel_height * p->kernel_width;
    for (int32_t channel = 0; channel < p->output_channels; channel++) {
        uint32_t sum = 0; /* taps are far below 2^16 (is_moderate) */
        for (int32_t tap = 0; tap < taps; tap++) {
            const int32_t code = rk_weight_at(codes, p->weight_bits, tap * p->output_channels + channel);
            sum += (uint32_t)(code < 0 ? -code : code);
        }
        const uint64_t most = (uint64_t)sum * rkw_difference_max(p->input_zero_point);
        reach[channel] = most > UINT32_MAX ? UINT32_MAX : (uint32_t)most;
    }
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, operation->rule};
    const rkw_channel_words words = {rkw_constant(constants, p->bias), rkw_constant(constants, p->multiplier),
                                     rkw_constant(constants, p->shift), p->channel_step, p->output_channels};
    rkw_product *product = packed;
    product->epilogue = epilogue;
    rkw_pack_epilogue(&epilogue, (rkw_panel *)(void *)(bytes + rkw_align(sizeof(rkw_product))), &words, reach);
    pack_weights(p, &g, codes, rkw_product_panels(packed), (int16_t *)(void *)weights);
}

static void widen_row(const rk_depthwise_conv_parameters *p, const rkw_depthwise_geometry *g, const int8_t *input, int32_t in_y,
                      int16_t *target) {
    if (in_y < 0 || in_y >= p->input_height) {
        rkw_clear(target, g->row_elements);
        return;
    }
    const int8_t *codes = input + in_y * p->input_width * p->input_channels;
    const int32_t left = p->pad_left < g->padded_width ? p->pad_left : g->padded_width;
    const int32_t room = g->padded_width - left;
    const int32_t width = p->input_width < room ? p->input_width : room;
    rkw_clear(target, left * g->channels);
    if (p->input_channels == g->channels) {
        rkw_widen(codes, width * g->channels, p->input_zero_point, target + left * g->channels);
    } else {
        for (int32_t x = 0; x < width; x++) {
            rkw_widen(codes + x * p->input_channels, g->channels, p->input_zero_point,
                      target + (left + x) * g->channels);
        }
    }
    rkw_clear(target + (left + width) * g->channels, (room - width) * g->channels);
}

static void interleave(const int16_t *upper, const int16_t *lower, int32_t count, int16_t *target) {
    for (int32_t index = 0; index < count; index += 8) {
        const v128_t a = wasm_v128_load(upper + index);
        const v128_t b = wasm_v128_load(lower + index);
        wasm_v128_store(target + 2 * index, wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
        wasm_v128_store(target + 2 * index + 8, wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15));
    }
}

/* Every input row of the band that is read, with the row `dilation` below it; with dilation 1 a row is widened once. */
static void fill_band(const rk_depthwise_conv_parameters *p, const rkw_depthwise_geometry *g, const workspace *w,
                      const int8_t *input, int32_t first_row, int32_t rows) {
    int16_t *upper = w->row[0];
    int16_t *lower = w->row[1];
    widen_row(p, g, input, first_row, upper);
    for (int32_t row = 0; row < rows; row++) {
        widen_row(p, g, input, first_row + row + p->dilation_height, lower);
        /* Where outputs are an even number of rows apart, all that is read starts at an even row. */
        if (row % 2 == 0 || p->stride_height % 2 != 0) {
            interleave(upper, lower, g->row_elements, w->band + row * g->row_elements * 2);
        }
        if (p->dilation_height == 1) {
            int16_t *swapped = upper;
            upper = lower;
            lower = swapped;
        } else {
            widen_row(p, g, input, first_row + row + 1, upper);
        }
    }
}

static void run_row(const rkw_batch *batch, const rkw_depthwise_geometry *g, const workspace *w, const int16_t *source,
                    int8_t *output) {
    const rk_depthwise_conv_parameters *p = batch->parameters;
    const rkw_product *product = batch->packed;
    const int16_t *weights = (const int16_t *)(const void *)rkw_product_weights(batch->packed, g->panels);
    for (int32_t panel = 0; panel < g->panels; panel++) {
        const int16_t *first = source + panel * 2 * RKW_LANES;
        const rkw_panel *words = rkw_product_panels(batch->packed) + panel;
        rkw_depthwise_row(p, g, first, weights, words->bias, w->sums);
        weights += g->row_pairs * p->kernel_width * 2 * RKW_LANES;
        const int32_t left = p->output_channels - panel * RKW_LANES;
        rkw_requantize_rows(&product->epilogue, words, w->sums, p->output_width,
                            output + panel * RKW_LANES, p->output_channels, left < RKW_LANES ? left : RKW_LANES);
    }
}

static void run(const rkw_batch *batch) {
    const rk_depthwise_conv_parameters *p = batch->parameters;
    const rkw_depthwise_geometry g = geometry_of(p);
    const workspace w = lay_out(p, &g, batch->workspace);
    for (uint32_t sample = 0; sample < batch->samples; sample++) {
        const int8_t *input = (const int8_t *)batch->inputs[0] + sample * batch->input_bytes[0];
        int8_t *output = (int8_t *)batch->output + sample * batch->output_bytes;
        for (int32_t out_y = 0; out_y < p->output_height; out_y++) {
            const int32_t in_band = out_y % g.band_rows;
            if (in_band == 0) {
                const int32_t left = p->output_height - out_y;
                const int32_t rows = left < g.band_rows ? left : g.band_rows;
                fill_band(p, &g, &w, input, out_y * p->stride_height - p->pad_top, band_input_rows(p, &g, rows));
            }
            const int16_t *source = w.band + in_band * p->stride_height * g.row_elements * 2;
            run_row(batch, &g, &w, source, output + out_y * p->output_width * p->output_channels);
        }
    }
}

const rkw_variant rkw_depthwise_conv_variant = {plan, pack, run};
