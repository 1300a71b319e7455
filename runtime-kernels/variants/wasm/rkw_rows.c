/* Matrix products over consecutive rows; see rkw_rows.h. A chunk of rows is widened once and then meets all weights. */
#include "rkw_rows.h"

#include "rkw_widen.h"

enum { CHUNK_BYTES = 64 * 1024, CHUNK_ROWS_MIN = 24, CHUNK_ROWS_MAX = 192, SLACK_ELEMENTS = 16 };

static int32_t chunk_rows(const rkw_rows_layer *layer) {
    const int32_t rows = CHUNK_BYTES / 2 / layer->inputs / RKW_ROWS * RKW_ROWS;
    return rows < CHUNK_ROWS_MIN ? CHUNK_ROWS_MIN : rows > CHUNK_ROWS_MAX ? CHUNK_ROWS_MAX : rows;
}

static uint32_t widened_bytes(const rkw_rows_layer *layer) {
    return rkw_align(((uint32_t)chunk_rows(layer) * (uint32_t)layer->inputs + SLACK_ELEMENTS) * 2u);
}

rkw_sizes rkw_rows_sizes(const rkw_rows_layer *layer) {
    const uint32_t pairs = ((uint32_t)layer->inputs + 1u) / 2u;
    const rkw_sizes found = {(uint32_t)rkw_panels(layer->outputs) * pairs * RKW_WEIGHT_BYTES,
                             widened_bytes(layer) + (uint32_t)chunk_rows(layer) * RKW_WEIGHT_BYTES};
    return found;
}

void rkw_rows_pack(const rkw_rows_layer *layer, const uint8_t *codes, int32_t weight_bits, int32_t weight_zero_point,
                   const rkw_panel *panels, uint8_t *weights) {
    int16_t *target = (int16_t *)(void *)weights;
    for (int32_t first = 0; first < layer->outputs; first += RKW_LANES) {
        for (int32_t element = 0; element < layer->inputs; element += 2) {
            for (int32_t lane = 0; lane < 2 * RKW_LANES; lane++) {
                const int32_t channel = first + lane / 2;
                const int32_t at = element + lane % 2;
                const int valid = channel < layer->outputs && at < layer->inputs;
                const int32_t index = channel * layer->inputs + at;
                const int32_t code = valid ? rk_weight_at(codes, weight_bits, index) - weight_zero_point : 0;
                *target++ = (int16_t)(code * panels[first / RKW_LANES].factor);
            }
        }
    }
}

void rkw_rows_run(const rkw_rows_layer *layer, const rkw_batch *batch, uint32_t rows) {
    const int32_t inputs = layer->inputs;
    const int32_t outputs = layer->outputs;
    const int32_t pairs = (inputs + 1) / 2;
    const rkw_product *product = batch->packed;
    const uint32_t chunk = (uint32_t)chunk_rows(layer);
    int16_t *widened = (int16_t *)(void *)batch->workspace;
    int32_t *sums = (int32_t *)(void *)(batch->workspace + widened_bytes(layer));
    for (uint32_t first = 0; first < rows; first += chunk) {
        const int32_t count = (int32_t)(rows - first < chunk ? rows - first : chunk);
        const int8_t *input = (const int8_t *)batch->inputs[0] + first * (uint32_t)inputs;
        int8_t *output = (int8_t *)batch->output + first * (uint32_t)outputs;
        rkw_widen(input, count * inputs, layer->input_zero_point, widened);
        const uint8_t *weights = rkw_product_weights(batch->packed, rkw_panels(outputs));
        const rkw_panel *panel = rkw_product_panels(batch->packed);
        for (int32_t channel = 0; channel < outputs; channel += RKW_LANES, panel++) {
            const int32_t left = outputs - channel;
            rkw_multiply_rows((const uint8_t *)widened, inputs * 2, count, weights, pairs, panel->bias, sums);
            rkw_requantize_rows(&product->epilogue, panel, sums, count, output + channel, outputs,
                                left < RKW_LANES ? left : RKW_LANES);
            weights += pairs * RKW_WEIGHT_BYTES;
        }
    }
}
