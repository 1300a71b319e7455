/* The algorithms of convolutions. Each knows its own packed weights and workspace; rkw_conv.c chooses. */
#ifndef RKW_CONV_H
#define RKW_CONV_H

#include "rk_parameters.h"
#include "rkw_product.h"

enum { RKW_CONV_BANDS = 1, RKW_CONV_POINTWISE = 2, RKW_CONV_WINOGRAD = 3 };

typedef struct rkw_conv_algorithm {
    rkw_sizes (*sizes)(const rk_conv_parameters *p); /* packed: of the weights alone */
    /* The panels have their epilogues. May set product->narrow. */
    void (*pack)(const rk_conv_parameters *p, const uint8_t *codes, rkw_product *product, rkw_panel *panels,
                 uint8_t *weights);
    void (*run)(const rkw_batch *batch, const rk_conv_parameters *p);
} rkw_conv_algorithm;

extern const rkw_conv_algorithm rkw_conv_bands;
extern const rkw_conv_algorithm rkw_conv_pointwise;
extern const rkw_conv_algorithm rkw_conv_winograd;

/* Panels of eight channels; no panel spans two groups. */
static inline int32_t rkw_conv_group_panels(const rk_conv_parameters *p) {
    return rkw_panels(p->output_channels / p->groups);
}

#endif
