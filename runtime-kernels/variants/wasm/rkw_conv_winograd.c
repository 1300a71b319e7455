/*
 * 3x3 convolutions with stride 1 by Winograd's F(4x4, 3x3); the arithmetic is in rkw_winograd.h. A strip is one row of tiles of one
 * sample: six padded input rows. A chunk of strips is transformed, then meets the weights panel by panel: 36
 * products, the output transform, and the epilogue while the sums are still in the first-level cache.
 */
#include "rkw_conv.h"
#include "rkw_strip.h"
#include "rkw_winograd.h"

enum { CHUNK_TILES = 24, SLACK_BYTES = 16 };

typedef struct geometry {
    int32_t channels; /* input channels, rounded up to 8 */
    int32_t panels;
    int32_t tiles_x;
    int32_t tiles_y;
    int32_t strips; /* of a chunk */
    int32_t tiles;  /* of a chunk, rounded up to whole matrix tiles */
    int32_t padded_width;
} geometry;

typedef struct workspace {
    int8_t *strip;
    int16_t *points; /* [36][tiles][channels] */
    int32_t *sums;   /* [36][tiles][8] */
    int32_t *outputs; /* [4][4 * tiles_x][8] */
    uint32_t bytes;
} workspace;

static geometry geometry_of(const rk_conv_parameters *p) {
    geometry g;
    g.channels = rkw_panels(p->input_channels) * RKW_LANES;
    g.panels = rkw_panels(p->output_channels);
    g.tiles_x = (p->output_width + RKW_TILE_OUT - 1) / RKW_TILE_OUT;
    g.tiles_y = (p->output_height + RKW_TILE_OUT - 1) / RKW_TILE_OUT;
    g.strips = g.tiles_x < CHUNK_TILES ? CHUNK_TILES / g.tiles_x : 1;
    g.tiles = rkw_whole_tiles(g.strips * g.tiles_x);
    g.padded_width = RKW_TILE_OUT * g.tiles_x + RKW_TILE_IN - RKW_TILE_OUT;
    return g;
}

static workspace lay_out(const geometry *g, uint8_t *base) {
    const uint32_t strip = rkw_align((uint32_t)(RKW_TILE_IN * g->padded_width * g->channels) + SLACK_BYTES);
    const uint32_t points = rkw_align((uint32_t)(RKW_POINTS * g->tiles * g->channels) * 2u);
    const uint32_t sums = (uint32_t)(RKW_POINTS * g->tiles) * RKW_WEIGHT_BYTES;
    workspace w;
    w.strip = (int8_t *)base;
    w.points = (int16_t *)(void *)(base + strip);
    w.sums = (int32_t *)(void *)(base + strip + points);
    w.outputs = (int32_t *)(void *)(base + strip + points + sums);
    w.bytes = strip + points + sums + (uint32_t)(RKW_TILE_OUT * RKW_TILE_OUT * g->tiles_x) * RKW_WEIGHT_BYTES;
    return w;
}

static uint32_t panel_bytes(const geometry *g) {
    return (uint32_t)(RKW_POINTS * (g->channels / 2)) * RKW_WEIGHT_BYTES;
}

static rkw_sizes sizes(const rk_conv_parameters *p) {
    const geometry g = geometry_of(p);
    const rkw_sizes found = {(uint32_t)g.panels * panel_bytes(&g), lay_out(&g, NULL).bytes};
    return found;
}

static void transform_weights(const rk_conv_parameters *p, const uint8_t *codes, int32_t output, int32_t input,
                              int32_t points[RKW_POINTS]) {
    int32_t filter[9];
    int32_t half[18];
    for (int32_t tap = 0; tap < 9; tap++) {
        filter[tap] = rk_weight_at(codes, p->weight_bits, (output * 9 + tap) * p->input_channels + input);
    }
    for (int32_t column = 0; column < 3; column++) rkw_transform_filter(filter + column, 3, half + column, 3);
    for (int32_t row = 0; row < RKW_TILE_IN; row++) {
        rkw_transform_filter(half + 3 * row, 1, points + RKW_TILE_IN * row, 1);
    }
}

/* [panel][point][pair][8][2] */
static void pack(const rk_conv_parameters *p, const uint8_t *codes, rkw_product *product, rkw_panel *panels,
                 uint8_t *weights) {
    (void)product;
    (void)panels; /* the factor is part of the final shift */
    const geometry g = geometry_of(p);
    const int32_t point_elements = g.channels * RKW_LANES;
    int16_t *target = (int16_t *)(void *)weights;
    for (int32_t at = 0; at < g.panels * RKW_POINTS * point_elements; at++) target[at] = 0;
    for (int32_t output = 0; output < p->output_channels; output++) {
        int16_t *panel = target + output / RKW_LANES * RKW_POINTS * point_elements;
        for (int32_t input = 0; input < p->input_channels; input++) {
            int32_t points[RKW_POINTS];
            transform_weights(p, codes, output, input, points);
            const int32_t at = (input / 2 * RKW_LANES + output % RKW_LANES) * 2 + input % 2;
            for (int32_t point = 0; point < RKW_POINTS; point++) {
                panel[point * point_elements + at] = (int16_t)points[point];
            }
        }
    }
}

/*
 * The 36 points of each tile of a strip; `points` is that of the strip's first tile. The transform is linear and turns a constant
 * into point (1, 1) alone, 36 times as large: the zero point is subtracted there.
 */
static void transform_strip(const geometry *g, const int8_t *strip, int32_t zero_point, int16_t *points) {
    const int32_t row_bytes = g->padded_width * g->channels;
    const int32_t point_elements = g->tiles * g->channels;
    const v128_t zero = wasm_i16x8_splat((int16_t)(RKW_POINT_OF_ONES * zero_point));
    for (int32_t tile = 0; tile < g->tiles_x; tile++) {
        for (int32_t channel = 0; channel < g->channels; channel += RKW_LANES) {
            const int8_t *source = strip + tile * RKW_TILE_OUT * g->channels + channel;
            int16_t *target = points + tile * g->channels + channel;
            v128_t half[RKW_POINTS];
            for (int32_t column = 0; column < RKW_TILE_IN; column++) {
                v128_t in[RKW_TILE_IN];
                for (int32_t row = 0; row < RKW_TILE_IN; row++) {
                    in[row] = wasm_i16x8_load8x8(source + row * row_bytes + column * g->channels);
                }
                rkw_transform_input(in, 1, half + column, RKW_TILE_IN);
            }
            for (int32_t row = 0; row < RKW_TILE_IN; row++) {
                v128_t out[RKW_TILE_IN];
                rkw_transform_input(half + row * RKW_TILE_IN, 1, out, 1);
                for (int32_t column = 0; column < RKW_TILE_IN; column++) {
                    wasm_v128_store(target + (row * RKW_TILE_IN + column) * point_elements, out[column]);
                }
            }
            int16_t *constant = target + RKW_POINT_OF_ALL * point_elements;
            wasm_v128_store(constant, wasm_i16x8_sub(wasm_v128_load(constant), zero));
        }
    }
}

/* Sums of one tile to its 4x4 accumulators: outputs[row][4 * tiles_x][8], for four of the eight lanes. */
static inline void finish_tile(const geometry *g, const int32_t *sums, int32_t shift, int32_t *outputs) {
    const int32_t point_elements = g->tiles * RKW_COLUMNS;
    const v128_t inverse = wasm_i32x4_const_splat(RKW_INVERSE_OF_9);
    v128_t half[RKW_TILE_OUT * RKW_TILE_IN];
    for (int32_t column = 0; column < RKW_TILE_IN; column++) {
        v128_t in[RKW_TILE_IN];
        for (int32_t row = 0; row < RKW_TILE_IN; row++) {
            in[row] = wasm_v128_load(sums + (row * RKW_TILE_IN + column) * point_elements);
        }
        rkw_transform_output(in, 1, half + column, RKW_TILE_IN);
    }
    for (int32_t row = 0; row < RKW_TILE_OUT; row++) {
        v128_t out[RKW_TILE_OUT];
        rkw_transform_output(half + row * RKW_TILE_IN, 1, out, 1);
        for (int32_t column = 0; column < RKW_TILE_OUT; column++) {
            const v128_t value = wasm_i32x4_shr(wasm_i32x4_mul(out[column], inverse), shift);
            wasm_v128_store(outputs + (row * RKW_TILE_OUT * g->tiles_x + column) * RKW_COLUMNS, value);
        }
    }
}

/* One strip of one panel: `sums` is that of the strip's first tile. */
static void finish_strip(const rkw_batch *batch, const rk_conv_parameters *p, const geometry *g, const int32_t *sums,
                         int32_t *outputs, int32_t panel, int32_t tile_y, int8_t *output) {
    const rkw_product *product = batch->packed;
    const rkw_panel *words = rkw_product_panels(batch->packed) + panel;
    const int32_t shift = RKW_POINT_SHIFT - words->factor / 2; /* factor 1, 2 or 4 */
    for (int32_t tile = 0; tile < g->tiles_x; tile++) {
        int32_t *target = outputs + tile * RKW_TILE_OUT * RKW_COLUMNS;
        finish_tile(g, sums + tile * RKW_COLUMNS, shift, target);
        finish_tile(g, sums + tile * RKW_COLUMNS + 4, shift, target + 4);
    }
    const int32_t left = p->output_channels - panel * RKW_LANES;
    for (int32_t row = 0; row < RKW_TILE_OUT; row++) {
        const int32_t out_y = tile_y * RKW_TILE_OUT + row;
        if (out_y >= p->output_height) break;
        rkw_requantize_rows(&product->epilogue, words,
                            outputs + row * RKW_TILE_OUT * g->tiles_x * RKW_COLUMNS, p->output_width,
                            output + out_y * p->output_width * p->output_channels + panel * RKW_LANES,
                            p->output_channels, left < RKW_LANES ? left : RKW_LANES);
    }
}

/* The bias as a sum of point (1, 1), which A' adds once to each of the 16 outputs; the factor comes with the final shift. */
static void scale_bias(const rkw_panel *panel, int32_t *start) {
    for (int32_t lane = 0; lane < RKW_LANES; lane++) {
        start[lane] = (int32_t)((uint32_t)(panel->bias[lane] / panel->factor) * RKW_WINOGRAD_SCALE);
    }
}

static void run_chunk(const rkw_batch *batch, const rk_conv_parameters *p, const geometry *g, const workspace *w,
                      uint32_t first_strip, int32_t strips) {
    const uint32_t tiles_y = (uint32_t)g->tiles_y;
    for (int32_t strip = 0; strip < strips; strip++) {
        const uint32_t at = first_strip + (uint32_t)strip;
        const int8_t *input = (const int8_t *)batch->inputs[0] + at / tiles_y * batch->input_bytes[0];
        rkw_fill_strip(p, g->padded_width, g->channels, input, (int32_t)(at % tiles_y) * RKW_TILE_OUT - p->pad_top, w->strip);
        transform_strip(g, w->strip, p->input_zero_point, w->points + strip * g->tiles_x * g->channels);
    }
    const int32_t tiles = strips * g->tiles_x;
    const uint8_t *weights = rkw_product_weights(batch->packed, g->panels);
    for (int32_t panel = 0; panel < g->panels; panel++) {
        static const int32_t zeros[RKW_COLUMNS];
        int32_t start[RKW_COLUMNS];
        scale_bias(rkw_product_panels(batch->packed) + panel, start);
        for (int32_t point = 0; point < RKW_POINTS; point++) {
            rkw_multiply_rows((const uint8_t *)(w->points + point * g->tiles * g->channels), g->channels * 2, tiles,
                              weights, g->channels / 2, point == RKW_POINT_OF_ALL ? start : zeros, w->sums + point * g->tiles * RKW_COLUMNS);
            weights += g->channels / 2 * RKW_WEIGHT_BYTES;
        }
        for (int32_t strip = 0; strip < strips; strip++) {
            const uint32_t at = first_strip + (uint32_t)strip;
            int8_t *output = (int8_t *)batch->output + at / tiles_y * batch->output_bytes;
            finish_strip(batch, p, g, w->sums + strip * g->tiles_x * RKW_COLUMNS, w->outputs, panel,
                         (int32_t)(at % tiles_y), output);
        }
    }
}

static void run(const rkw_batch *batch, const rk_conv_parameters *p) {
    const geometry g = geometry_of(p);
    const workspace w = lay_out(&g, batch->workspace);
    const uint32_t strips = batch->samples * (uint32_t)g.tiles_y;
    for (uint32_t first = 0; first < strips; first += (uint32_t)g.strips) {
        const uint32_t left = strips - first;
        run_chunk(batch, p, &g, &w, first, left < (uint32_t)g.strips ? (int32_t)left : g.strips);
    }
}

const rkw_conv_algorithm rkw_conv_winograd = {sizes, pack, run};
