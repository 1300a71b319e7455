/* Fully connected layers: the rows of all samples as one matrix. */
#include "rk_parameters.h"
#include "rkw_rows.h"

enum { WEIGHTS_MAX = 1 << 28 };

static rkw_rows_layer layer_of(const rk_fully_connected_parameters *p) {
    const rkw_rows_layer layer = {p->inputs, p->outputs, p->input_zero_point};
    return layer;
}

static uint32_t reach_offset(const rkw_rows_layer *layer) {
    return rkw_weights_offset(rkw_panels(layer->outputs)) + rkw_align(rkw_rows_sizes(layer).packed_bytes);
}

static int plan(const rk_operation *operation, rkw_sizes *sizes) {
    const rk_fully_connected_parameters *p = (const void *)(operation + 1);
    if (operation->dtype != RK_DTYPE_INT8) return 0;
    /* Sizes far above any real layer would overflow 32 bits. */
    if ((int64_t)(p->outputs + RKW_LANES) * (p->inputs + 2) > WEIGHTS_MAX || p->inputs > WEIGHTS_MAX / 64) return 0;
    const rkw_rows_layer layer = layer_of(p);
    *sizes = rkw_rows_sizes(&layer);
    sizes->packed_bytes = reach_offset(&layer) + (uint32_t)p->outputs * 4u;
    return 1;
}

static void pack(const rk_operation *operation, const uint8_t *constants, void *packed) {
    const rk_fully_connected_parameters *p = (const void *)(operation + 1);
    const rkw_rows_layer layer = layer_of(p);
    const uint8_t *codes = constants + p->weights;
    uint8_t *bytes = packed;
    uint32_t *reach = (uint32_t *)(void *)(bytes + reach_offset(&layer));
    const uint64_t difference = rkw_difference_max(p->input_zero_point);
    for (int32_t output = 0; output < p->outputs; output++) {
        uint64_t sum = 0;
        for (int32_t input = 0; input < p->inputs; input++) {
            const int32_t code = rk_weight_at(codes, p->weight_bits, output * p->inputs + input) - p->weight_zero_point;
            sum += (uint32_t)(code < 0 ? -code : code);
        }
        reach[output] = sum * difference > UINT32_MAX ? UINT32_MAX : (uint32_t)(sum * difference);
    }
    const rk_epilogue epilogue = {p->output_zero_point, p->clamp_min, p->clamp_max, operation->rule};
    const rkw_channel_words words = {rkw_constant(constants, p->bias), rkw_constant(constants, p->multiplier),
                                     rkw_constant(constants, p->shift), p->channel_step, p->outputs};
    rkw_product *product = packed;
    product->epilogue = epilogue;
    rkw_panel *panels = (rkw_panel *)(void *)(bytes + rkw_align(sizeof(rkw_product)));
    rkw_pack_epilogue(&epilogue, panels, &words, reach);
    rkw_rows_pack(&layer, codes, p->weight_bits, p->weight_zero_point, product, panels,
                  bytes + rkw_weights_offset(rkw_panels(p->outputs)));
}

static void run(const rkw_batch *batch) {
    const rk_fully_connected_parameters *p = batch->parameters;
    const rkw_rows_layer layer = layer_of(p);
    rkw_rows_run(&layer, batch, batch->samples * (uint32_t)p->rows);
}

const rkw_variant rkw_fully_connected_variant = {plan, pack, run};
