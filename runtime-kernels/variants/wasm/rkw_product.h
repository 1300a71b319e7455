/* What all layers that are matrix products share: packed weights in panels of eight output channels, each with its epilogue. */
#ifndef RKW_PRODUCT_H
#define RKW_PRODUCT_H

#include "rk_weights.h"
#include "rkw_epilogue.h"
#include "rkw_tile.h"
#include "rkw_variant.h"

/* Packed: this header, then one rkw_panel per eight channels, then the weights, each part aligned to 16. */
typedef struct rkw_product {
    rk_epilogue epilogue;
    int32_t algorithm; /* of convolutions */
    int32_t narrow;    /* the weights stand there a second time, as bytes for narrow codes */
} rkw_product;

static inline uint32_t rkw_weights_offset(int32_t panels) {
    return rkw_align(sizeof(rkw_product)) + rkw_align((uint32_t)panels * (uint32_t)sizeof(rkw_panel));
}

static inline const rkw_panel *rkw_product_panels(const void *packed) {
    return (const rkw_panel *)(const void *)((const uint8_t *)packed + rkw_align(sizeof(rkw_product)));
}

static inline const uint8_t *rkw_product_weights(const void *packed, int32_t panels) {
    return (const uint8_t *)packed + rkw_weights_offset(panels);
}

/* Largest |x - zero_point| of an int8 code. */
static inline uint32_t rkw_difference_max(int32_t zero_point) {
    return (uint32_t)(zero_point >= 0 ? zero_point + 128 : 127 - zero_point);
}

static inline const void *rkw_constant(const uint8_t *constants, uint32_t offset) {
    return offset == RK_NO_CONSTANT ? NULL : constants + offset;
}

#endif
