/*
 * Convolution of any geometry as a matrix product without im2col: a band of padded input rows is widened to int16, or copied as bytes
 * where all its codes are narrow, and the rows of the product are windows into it. With dilation 1 and one group, a kernel row is one run of kernelWidth * channels consecutive elements;
 * otherwise each tap is a run of its own.
 */
#include "rkw_conv.h"
#include "rkw_filters.h"
#include "rkw_narrow.h"
#include "rkw_widen.h"

enum { POSITIONS_WANTED = 192, POSITIONS_MAX = 768, BAND_BYTES = 24 * 1024, SLACK_ELEMENTS = 16 };

typedef struct geometry {
    int32_t element_bytes; /* 2, or 1 for narrow codes */
    int32_t taps_per_run; /* kernelWidth or 1 */
    int32_t runs;
    int32_t run_elements;
    int32_t run_steps;
    int32_t padded_width;
    int32_t row_elements; /* of a padded input row */
    int32_t band_rows;    /* output rows */
    int32_t band_input_rows;
    int32_t positions; /* outputs of a band */
} geometry;

static geometry geometry_of(const rk_conv_parameters *p, int32_t element_bytes) {
    geometry g;
    g.element_bytes = element_bytes;
    const int32_t group_channels = p->input_channels / p->groups;
    g.taps_per_run = p->dilation_width == 1 && p->groups == 1 ? p->kernel_width : 1;
    g.runs = p->kernel_height * (p->kernel_width / g.taps_per_run);
    g.run_elements = g.taps_per_run * group_channels;
    g.run_steps = rkw_run_steps(g.run_elements, element_bytes);
    g.padded_width = (p->output_width - 1) * p->stride_width + (p->kernel_width - 1) * p->dilation_width + 1;
    g.row_elements = g.padded_width * p->input_channels;
    const int32_t step_bytes = g.row_elements * p->stride_height * element_bytes;
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
    uint8_t *band;
    int32_t *offsets;
    int32_t *steps;
    int32_t *sums;
    uint32_t bytes;
} workspace;

static workspace lay_out(const geometry *g, uint8_t *base) {
    const uint32_t band = rkw_align(((uint32_t)g->band_input_rows * (uint32_t)g->row_elements + SLACK_ELEMENTS) * (uint32_t)g->element_bytes);
    const uint32_t offsets = rkw_align((uint32_t)g->positions * 4u);
    const uint32_t steps = rkw_align((uint32_t)g->runs * 4u);
    workspace w;
    w.band = base;
    w.offsets = (int32_t *)(void *)(base + band);
    w.steps = (int32_t *)(void *)(base + band + offsets);
    w.sums = (int32_t *)(void *)(base + band + offsets + steps);
    w.bytes = band + offsets + steps + (uint32_t)g->positions * RKW_WEIGHT_BYTES;
    return w;
}

static uint32_t weight_bytes(const rk_conv_parameters *p, const geometry *g) {
    return (uint32_t)(rkw_conv_group_panels(p) * p->groups * g->runs * g->run_steps) * RKW_WEIGHT_BYTES;
}

static rkw_sizes sizes(const rk_conv_parameters *p) {
    const geometry wide = geometry_of(p, 2);
    const geometry narrow = geometry_of(p, 1);
    const uint32_t wide_bytes = lay_out(&wide, NULL).bytes;
    const uint32_t narrow_bytes = lay_out(&narrow, NULL).bytes;
    const rkw_sizes found = {weight_bytes(p, &wide) + weight_bytes(p, &narrow),
                             wide_bytes > narrow_bytes ? wide_bytes : narrow_bytes};
    return found;
}

/* [group][panel]... from OHWI, as int16 and then as bytes. */
static void pack(const rk_conv_parameters *p, const uint8_t *codes, rkw_product *product, rkw_panel *panels,
                 uint8_t *weights) {
    const geometry g = geometry_of(p, 2);
    const int32_t outputs = p->output_channels / p->groups;
    rkw_filters filters = {codes, p->weight_bits, 0, 0, outputs, g.runs, g.run_elements};
    const int32_t group_codes = outputs * g.runs * g.run_elements;
    for (int32_t group = 0; group < p->groups; group++) {
        filters.first = group * group_codes;
        weights = rkw_pack_filters(&filters, panels + group * rkw_conv_group_panels(p), weights);
    }
    product->narrow = rkw_narrow_available();
    for (int32_t group = 0; group < p->groups && product->narrow; group++) {
        filters.first = group * group_codes;
        weights = rkw_pack_narrow_filters(&filters, p->input_zero_point, panels + group * rkw_conv_group_panels(p), weights);
        product->narrow = weights != NULL;
    }
}

/* `count` codes, or the zero point where there are none; 0 if one is not narrow but should be. */
static int fill(const rk_conv_parameters *p, const geometry *g, const int8_t *codes, int32_t count, uint8_t *target) {
    if (g->element_bytes == 2) {
        int16_t *differences = (int16_t *)(void *)target;
        if (codes == NULL) {
            rkw_clear(differences, count);
        } else {
            rkw_widen(codes, count, p->input_zero_point, differences);
        }
        return 1;
    }
    if (codes != NULL) return rkw_copy_narrow(codes, count, target);
    const int32_t byte = p->input_zero_point + RKW_NARROW_OFFSET;
    for (int32_t index = 0; index < count; index++) target[index] = (uint8_t)byte;
    return count == 0 || (byte >= 0 && byte <= RKW_NARROW_MAX);
}

static int fill_band(const rk_conv_parameters *p, const geometry *g, const int8_t *input, int32_t first_row,
                     int32_t rows, uint8_t *band) {
    const int32_t channels = p->input_channels;
    const int32_t left = p->pad_left < g->padded_width ? p->pad_left : g->padded_width;
    const int32_t room = g->padded_width - left;
    const int32_t width = p->input_width < room ? p->input_width : room;
    const int32_t pixel_bytes = channels * g->element_bytes;
    int done = 1;
    for (int32_t row = 0; row < rows && done; row++) {
        uint8_t *target = band + row * g->row_elements * g->element_bytes;
        const int32_t in_y = first_row + row;
        if (in_y < 0 || in_y >= p->input_height) {
            done = fill(p, g, NULL, g->row_elements, target);
            continue;
        }
        done = fill(p, g, NULL, left * channels, target) &&
               fill(p, g, input + in_y * p->input_width * channels, width * channels, target + left * pixel_bytes) &&
               fill(p, g, NULL, (room - width) * channels, target + (left + width) * pixel_bytes);
    }
    return done;
}

static void fill_tables(const rk_conv_parameters *p, const geometry *g, const workspace *w) {
    const int32_t outputs = g->band_rows * p->output_width;
    for (int32_t position = 0; position < g->positions; position++) {
        const int32_t inside = position < outputs ? position : outputs - 1;
        const int32_t out_y = inside / p->output_width;
        const int32_t out_x = inside % p->output_width;
        w->offsets[position] =
            (out_y * p->stride_height * g->row_elements + out_x * p->stride_width * p->input_channels) * g->element_bytes;
    }
    const int32_t runs_per_row = p->kernel_width / g->taps_per_run;
    const int32_t run_bytes = g->run_steps * RKW_STEP_BYTES;
    const int32_t tap_bytes = p->dilation_width * p->input_channels * g->element_bytes;
    const int32_t row_bytes = p->dilation_height * g->row_elements * g->element_bytes;
    for (int32_t run = 0; run < g->runs; run++) {
        const int last_of_row = (run + 1) % runs_per_row == 0;
        w->steps[run] = (last_of_row ? row_bytes - (runs_per_row - 1) * tap_bytes : tap_bytes) - run_bytes;
    }
}

static void run_band(const rkw_batch *batch, const rk_conv_parameters *p, const geometry *g, const workspace *w,
                     int32_t rows, int8_t *output) {
    const rkw_runs runs = {g->runs, g->run_steps, w->steps};
    const rkw_product *product = batch->packed;
    const int32_t group_panels = rkw_conv_group_panels(p);
    const int32_t group_outputs = p->output_channels / p->groups;
    const uint8_t *weights = rkw_product_weights(batch->packed, group_panels * p->groups);
    const rkw_panel *panel = rkw_product_panels(batch->packed);
    const int32_t outputs = rows * p->output_width;
    const int narrow = g->element_bytes == 1;
    if (narrow) {
        const geometry wide = geometry_of(p, 2);
        weights += weight_bytes(p, &wide);
    }
    for (int32_t group = 0; group < p->groups; group++) {
        const uint8_t *base = w->band + group * (p->input_channels / p->groups) * g->element_bytes;
        for (int32_t first = 0; first < group_outputs; first += RKW_LANES) {
            const int32_t left = group_outputs - first;
            if (narrow) {
                rkw_narrow_at(base, w->offsets, outputs, weights, &runs, panel->narrow_bias, w->sums);
            } else {
                rkw_multiply_at(base, w->offsets, outputs, weights, &runs, panel->bias, w->sums);
            }
            rkw_requantize_rows(&product->epilogue, panel, w->sums, outputs, output + group * group_outputs + first,
                                p->output_channels, left < RKW_LANES ? left : RKW_LANES);
            weights += g->runs * g->run_steps * RKW_WEIGHT_BYTES;
            panel++;
        }
    }
}

/* 0 if it meets a code that is not narrow but should be. */
static int run_with(const rkw_batch *batch, const rk_conv_parameters *p, int32_t element_bytes) {
    const geometry g = geometry_of(p, element_bytes);
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
            if (!fill_band(p, &g, input, out_y * p->stride_height - p->pad_top, input_rows, w.band)) return 0;
            run_band(batch, p, &g, &w, rows, output + out_y * p->output_width * p->output_channels);
        }
    }
    return 1;
}

static void run(const rkw_batch *batch, const rk_conv_parameters *p) {
    const rkw_product *product = batch->packed;
    if (!product->narrow || !run_with(batch, p, 1)) run_with(batch, p, 2);
}

const rkw_conv_algorithm rkw_conv_bands = {sizes, pack, run};
