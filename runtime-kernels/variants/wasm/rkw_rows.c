/* Matrix products over consecutive rows; see rkw_rows.h. A chunk of rows is widened once and then meets all weights. */
#include "rkw_rows.h"

#include "rkw_filters.h"
#include "rkw_narrow.h"
#include "rkw_widen.h"

enum { CHUNK_BYTES = 64 * 1024, CHUNK_ROWS_MIN = 24, CHUNK_ROWS_MAX = 192, SLACK_ELEMENTS = 16 };

static int32_t chunk_rows(const rkw_rows_layer *layer) {
    const int32_t rows = CHUNK_BYTES / 2 / layer->inputs / RKW_ROWS * RKW_ROWS;
    return rows < CHUNK_ROWS_MIN ? CHUNK_ROWS_MIN : rows > CHUNK_ROWS_MAX ? CHUNK_ROWS_MAX : rows;
}

static uint32_t widened_bytes(const rkw_rows_layer *layer) {
    return rkw_align(((uint32_t)chunk_rows(layer) * (uint32_t)layer->inputs + SLACK_ELEMENTS) * 2u);
}

static uint32_t weight_bytes(const rkw_rows_layer *layer, int32_t element_bytes) {
    return (uint32_t)(rkw_panels(layer->outputs) * rkw_run_steps(layer->inputs, element_bytes)) * RKW_WEIGHT_BYTES;
}

rkw_sizes rkw_rows_sizes(const rkw_rows_layer *layer) {
    const rkw_sizes found = {weight_bytes(layer, 2) + weight_bytes(layer, 1),
                             widened_bytes(layer) + (uint32_t)chunk_rows(layer) * RKW_WEIGHT_BYTES};
    return found;
}

void rkw_rows_pack(const rkw_rows_layer *layer, const uint8_t *codes, int32_t weight_bits, int32_t weight_zero_point,
                   rkw_product *product, rkw_panel *panels, uint8_t *weights) {
    const rkw_filters filters = {codes, weight_bits, weight_zero_point, 0, layer->outputs, 1, layer->inputs};
    uint8_t *end = rkw_pack_filters(&filters, panels, weights);
    product->narrow = rkw_narrow_available() &&
                      rkw_pack_narrow_filters(&filters, layer->input_zero_point, panels, end) != NULL;
}

/* `count` rows that lie in `elements`, int16 or narrow, meet all weights. */
static void multiply(const rkw_rows_layer *layer, const rkw_batch *batch, const uint8_t *elements, int32_t element_bytes,
                     int32_t count, int32_t *sums, int8_t *output) {
    const rkw_product *product = batch->packed;
    const rkw_panel *panel = rkw_product_panels(batch->packed);
    const uint8_t *weights = rkw_product_weights(batch->packed, rkw_panels(layer->outputs));
    const int32_t steps = rkw_run_steps(layer->inputs, element_bytes);
    const int32_t row_bytes = layer->inputs * element_bytes;
    if (element_bytes == 1) weights += weight_bytes(layer, 2);
    for (int32_t channel = 0; channel < layer->outputs; channel += RKW_LANES, panel++) {
        const int32_t left = layer->outputs - channel;
        if (element_bytes == 1) {
            rkw_narrow_rows(elements, row_bytes, count, weights, steps, panel->narrow_bias, sums);
        } else {
            rkw_multiply_rows(elements, row_bytes, count, weights, steps, panel->bias, sums);
        }
        rkw_requantize_rows(&product->epilogue, panel, sums, count, output + channel, layer->outputs,
                            left < RKW_LANES ? left : RKW_LANES);
        weights += steps * RKW_WEIGHT_BYTES;
    }
}

void rkw_rows_run(const rkw_rows_layer *layer, const rkw_batch *batch, uint32_t rows) {
    const rkw_product *product = batch->packed;
    const uint32_t chunk = (uint32_t)chunk_rows(layer);
    uint8_t *elements = batch->workspace;
    int32_t *sums = (int32_t *)(void *)(batch->workspace + widened_bytes(layer));
    for (uint32_t first = 0; first < rows; first += chunk) {
        const int32_t count = (int32_t)(rows - first < chunk ? rows - first : chunk);
        const int8_t *input = (const int8_t *)batch->inputs[0] + first * (uint32_t)layer->inputs;
        int8_t *output = (int8_t *)batch->output + first * (uint32_t)layer->outputs;
        const int narrow = product->narrow && rkw_copy_narrow(input, count * layer->inputs, elements);
        if (!narrow) {
            rkw_widen(input, count * layer->inputs, layer->input_zero_point, (int16_t *)(void *)elements);
        }
        multiply(layer, batch, elements, narrow ? 1 : 2, count, sums, output);
    }
}
