/*
 * Convolution of any geometry as a matrix product without im2col: a band of padded input rows is widened to int16, and the rows of the
 * product are windows into it. With dilation 1 and one group, a kernel row is one run of kernelWidth * channels consecutive elements;
 * otherwise each tap is a run of its own.
 */
#include "rkw_conv.h"
#include "rkw_widen.h"

enum { POSITIONS_WANTED = 192, POSITIONS_MAX = 768, BAND_BYTES = 24 * 1024, SLACK_ELEMENTS = 16 };

typedef struct geometry {
    int32_t taps_per_run; /* kernelWidth or 1 */
    int32_t runs;
    int32_t pairs;
    int32_t padded_width;
    int32_t row_elements; /* of a padded input row */
    int32_t band_rows;    /* output rows */
    int32_t band_input_rows;
    int32_t positions; /* outputs of a band */
} geometry;

static geometry geometry_of(const rk_conv_parameters *p) {
    geometry g;
    const int32_t group_channels = p->input_channels / p->groups;
    g.taps_per_run = p->dilation_width == 1 && p->groups == 1 ? p->kernel_width : 1;
    g.runs = p->kernel_height * (p->kernel_width / g.taps_per_run);
    g.pairs = (g.taps_per_run * group_channels + 1) / 2;
    g.padded_width = (p->output_width - 1) * p->stride_width + (p->kernel_width - 1) * p->dilation_width + 1;
    g.row_elements = g.padded_width * p->input_channels;
    const int32_t step_bytes = g.row_elements * p->stride_height * 2;
    int32_t rows = BAND_BYTES / step_bytes;
    if (rows > POSITIONS_MAX / p->output_width) rows = POSITIONS_MAX / p->output_width;
    if (rows < POSITIONS_WANTED / p->output_width) rows = POSITIONS_WANTED / p->output_width;
    g.band_rows = rows < 1 ? 1 : rows > p->output_height ? p->output_height : rows;
    g.band_input_rows = (g.band_rows - 1) * p->stride_height + (p->kernel_height - 1) * p->dilation_height + 1;
    g.positions = rkw_whole_tiles(g.band_rows * p->output_width);
    return g;
}

/* Workspace: band, offsets of positions, steps between runs, sums. */
typedef struct workspace {
    int16_t *band;
    int32_t *offsets;
    int32_t *steps;
    int32_t *sums;
    uint32_t bytes;
} workspace;

static workspace lay_out(const geometry *g, uint8_t *base) {
    const uint32_t band = rkw_align(((uint32_t)g->band_input_rows * (uint32_t)g->row_elements + SLACK_ELEMENTS) * 2u);
    const uint32_t offsets = rkw_align((uint32_t)g->positions * 4u);
    const uint32_t steps = rkw_align((uint32_t)g->runs * 4u);
    workspace w;
    w.band = (int16_t *)(void *)base;
    w.offsets = (int32_t *)(void *)(base + band);
    w.steps = (int32_t *)(void *)(base + band + offsets);
    w.sums = (int32_t *)(void *)(base + band + offsets + steps);
    w.bytes = band + offsets + steps + (uint32_t)g->positions * RKW_WEIGHT_BYTES;
    return w;
}

static rkw_sizes sizes(const rk_conv_parameters *p) {
    const geometry g = geometry_of(p);
    const uint32_t panels = (uint32_t)(rkw_conv_group_panels(p) * p->groups);
    const rkw_sizes found = {panels * (uint32_t)(g.runs * g.pairs) * RKW_WEIGHT_BYTES, lay_out(&g, NULL).bytes};
    return found;
}

/* [group][panel][run][pair][8][2] from OHWI. */
static void pack(const rk_conv_parameters *p, const uint8_t *codes, const rkw_panel *panel, uint8_t *weights) {
    const geometry g = geometry_of(p);
    const int32_t run_elements = g.taps_per_run * (p->input_channels / p->groups);
    const int32_t filter_size = g.runs * run_elements;
    const int32_t group_outputs = p->output_channels / p->groups;
    int16_t *target = (int16_t *)(void *)weights;
    for (int32_t group = 0; group < p->groups; group++) {
        for (int32_t first = 0; first < group_outputs; first += RKW_LANES, panel++) {
            for (int32_t run = 0; run < g.runs; run++) {
                for (int32_t element = 0; element < 2 * g.pairs; element += 2) {
                    for (int32_t lane = 0; lane < 2 * RKW_LANES; lane++) {
                        const int32_t channel = first + lane / 2;
                        const int32_t at = element + lane % 2;
                        const int32_t index = (group * group_outputs + channel) * filter_size + run * run_elements + at;
                        const int valid = channel < group_outputs && at < run_elements;
                        *target++ = (int16_t)(valid ? rk_weight_at(codes, p->weight_bits, index) * panel->factor : 0);
                    }
                }
            }
        }
    }
}

static void widen_band(const rk_conv_parameters *p, const geometry *g, const int8_t *input, int32_t first_row,
                       int32_t rows, int16_t *band) {
    const int32_t channels = p->input_channels;
    for (int32_t row = 0; row < rows; row++) {
        int16_t *target = band + row * g->row_elements;
        const int32_t in_y = first_row + row;
        if (in_y < 0 || in_y >= p->input_height) {
            rkw_clear(target, g->row_elements);
            continue;
        }
        const int32_t left = p->pad_left < g->padded_width ? p->pad_left : g->padded_width;
        const int32_t room = g->padded_width - left;
        const int32_t width = p->input_width < room ? p->input_width : room;
        rkw_clear(target, left * channels);
        rkw_widen(input + in_y * p->input_width * channels, width * channels, p->input_zero_point,
                  target + left * channels);
        rkw_clear(target + (left + width) * channels, (room - width) * channels);
    }
}

static void fill_tables(const rk_conv_parameters *p, const geometry *g, const workspace *w) {
    const int32_t outputs = g->band_rows * p->output_width;
    for (int32_t position = 0; position < g->positions; position++) {
        const int32_t inside = position < outputs ? position : outputs - 1;
        const int32_t out_y = inside / p->output_width;
        const int32_t out_x = inside % p->output_width;
        w->offsets[position] =
            (out_y * p->stride_height * g->row_elements + out_x * p->stride_width * p->input_channels) * 2;
    }
    const int32_t runs_per_row = p->kernel_width / g->taps_per_run;
    const int32_t run_bytes = g->pairs * RKW_PAIR_BYTES;
    const int32_t tap_bytes = p->dilation_width * p->input_channels * 2;
    const int32_t row_bytes = p->dilation_height * g->row_elements * 2;
    for (int32_t run = 0; run < g->runs; run++) {
        const int last_of_row = (run + 1) % runs_per_row == 0;
        w->steps[run] = (last_of_row ? row_bytes - (runs_per_row - 1) * tap_bytes : tap_bytes) - run_bytes;
    }
}

static void run_band(const rkw_batch *batch, const rk_conv_parameters *p, const geometry *g, const workspace *w,
                     int32_t rows, int8_t *output) {
    const rkw_runs runs = {g->runs, g->pairs, w->steps};
    const rkw_product *product = batch->packed;
    const int32_t group_panels = rkw_conv_group_panels(p);
    const int32_t group_outputs = p->output_channels / p->groups;
    const uint8_t *weights = rkw_product_weights(batch->packed, group_panels * p->groups);
    const rkw_panel *panel = rkw_product_panels(batch->packed);
    const int32_t outputs = rows * p->output_width;
    for (int32_t group = 0; group < p->groups; group++) {
        const int16_t *base = w->band + group * (p->input_channels / p->groups);
        for (int32_t first = 0; first < group_outputs; first += RKW_LANES) {
            const int32_t left = group_outputs - first;
            rkw_multiply_at((const uint8_t *)base, w->offsets, outputs, weights, &runs, panel->bias, w->sums);
            rkw_requantize_rows(&product->epilogue, panel, w->sums, outputs, output + group * group_outputs + first,
                                p->output_channels, left < RKW_LANES ? left : RKW_LANES);
            weights += g->runs * g->pairs * RKW_WEIGHT_BYTES;
            panel++;
        }
    }
}

static void run(const rkw_batch *batch, const rk_conv_parameters *p) {
    const geometry g = geometry_of(p);
    const workspace w = lay_out(&g, batch->workspace);
    fill_tables(p, &g, &w);
    for (uint32_t sample = 0; sample < batch->samples; sample++) {
        const int8_t *input = (const int8_t *)batch->inputs[0] + sample * batch->input_bytes[0];
        int8_t *output = (int8_t *)batch->output + sample * batch->output_bytes;
        for (int32_t out_y = 0; out_y < p->output_height; out_y += g.band_rows) {
            const int32_t left = p->output_height - out_y;
            const int32_t rows = left < g.band_rows ? left : g.band_rows;
            const int32_t input_rows =
                (rows - 1) * p->stride_height + (p->kernel_height - 1) * p->dilation_height + 1;
            widen_band(p, &g, input, out_y * p->stride_height - p->pad_top, input_rows, w.band);
            run_band(batch, p, &g, &w, rows, output + out_y * p->output_width * p->output_channels);
        }
    }
}

const rkw_conv_algorithm rkw_conv_bands = {sizes, pack, run};
