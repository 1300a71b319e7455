/* A matrix product over rows that lie one after the other: 1x1 convolutions and fully connected layers, all samples as one matrix. */
#ifndef RKW_ROWS_H
#define RKW_ROWS_H

#include "rkw_product.h"

typedef struct rkw_rows_layer {
    int32_t inputs;
    int32_t outputs;
    int32_t input_zero_point;
} rkw_rows_layer;

rkw_sizes rkw_rows_sizes(const rkw_rows_layer *layer);

/* Weights from [outputs][inputs]; `weight_zero_point` is subtracted from each code. `panels` have their epilogues. Sets product->narrow. */
void rkw_rows_pack(const rkw_rows_layer *layer, const uint8_t *codes, int32_t weight_bits, int32_t weight_zero_point,
                   rkw_product *product, rkw_panel *panels, uint8_t *weights);

void rkw_rows_run(const rkw_rows_layer *layer, const rkw_batch *batch, uint32_t rows);

#endif
