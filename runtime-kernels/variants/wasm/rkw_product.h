/* What all layers that are matrix products share: packed weights in panels of eight output channels, each with its epilogue. */
#ifndef RKW_PRODUCT_H
#define RKW_PRODUCT_H

#include "rk_weights.h"
#include "rkw_dot8.h"
#include "rkw_epilogue.h"
#include "rkw_tile.h"
#include "rkw_variant.h"

/* Packed: this header, then one rkw_panel per eight channels, then the weights, each part aligned to 16. */
typedef struct rkw_product {
    rk_epilogue epilogue;
    int32_t algorithm; /* of convolutions */
    int32_t dot8;      /* rkw_dot8_mode: the element type of the matrix product */
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
    return (uint32_t)(zero_point > 0 ? zero_point + 128 : 127 - zero_point);
}

/* What is added to an int8 code before it is read as a byte of the second operand. */
static inline int32_t rkw_byte_offset(int32_t dot8) {
    return dot8 == RKW_DOT8_UNSIGNED ? 128 : 0;
}

static inline int32_t rkw_factor_log2(const rkw_panel *panel) {
    return panel->factor / 2; /* 1, 2 or 4 */
}

/* Elements of a row in one step of the product. */
static inline int32_t rkw_step_elements(int32_t dot8) {
    return dot8 == RKW_DOT8_NONE ? 2 : 4;
}

/* One weight in its place of a step: bytes as they are, int16 with the panel's factor. */
static inline void rkw_put_weight(int32_t dot8, uint8_t *weights, int32_t index, int32_t code, int32_t factor) {
    if (dot8 == RKW_DOT8_NONE) {
        ((int16_t *)(void *)weights)[index] = (int16_t)(code * factor);
    } else {
        weights[index] = (uint8_t)code;
    }
}

/* Sums of bytes start without the factor and take back what zero point and byte offset add: both times the sum of the weights. */
static inline void rkw_start_bytes(rkw_panel *panel, int32_t lane, int32_t dot8, int32_t zero_point, int32_t weight_sum) {
    const uint32_t surplus = (uint32_t)(zero_point + rkw_byte_offset(dot8)) * (uint32_t)weight_sum;
    panel->bias[lane] = (int32_t)((uint32_t)(panel->bias[lane] / panel->factor) - surplus);
}

static inline const void *rkw_constant(const uint8_t *constants, uint32_t offset) {
    return offset == RK_NO_CONSTANT ? NULL : constants + offset;
}

#endif
