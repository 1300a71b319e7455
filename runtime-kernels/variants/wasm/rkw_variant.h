/*
 * Fast variants for the host: WebAssembly SIMD kernels that run one operation over many samples and equal the plain kernels bit for
 * bit. Unlike those they may pack constants beforehand and use a workspace, since a host has memory to spare.
 */
#ifndef RKW_VARIANT_H
#define RKW_VARIANT_H

#include "rk_kernel.h"

/* Addresses are those of the first sample; the next one starts the tensor's size_bytes later. */
typedef struct rkw_batch {
    const rk_operation *operation;
    const void *parameters;
    const uint8_t *inputs[RK_INPUTS_MAX];
    uint32_t input_bytes[RK_INPUTS_MAX];
    uint8_t *output;
    uint32_t output_bytes;
    uint32_t samples;
    const uint8_t *constants;
    const void *packed; /* what `pack` wrote */
    uint8_t *workspace;
} rkw_batch;

/* Sizes are pure functions of the record, so that memory is planned before any constant is looked at. */
typedef struct rkw_sizes {
    uint32_t packed_bytes;
    uint32_t workspace_bytes;
} rkw_sizes;

typedef struct rkw_variant {
    /* Whether the record is covered; if not, the plain kernel runs. */
    int (*plan)(const rk_operation *operation, rkw_sizes *sizes);
    void (*pack)(const rk_operation *operation, const uint8_t *constants, void *packed);
    void (*run)(const rkw_batch *batch);
} rkw_variant;

/* The variant of an opcode, or NULL. */
const rkw_variant *rkw_variant_find(uint32_t opcode);

extern const rkw_variant rkw_conv_variant;
extern const rkw_variant rkw_depthwise_conv_variant;
extern const rkw_variant rkw_fully_connected_variant;
extern const rkw_variant rkw_add_variant;
extern const rkw_variant rkw_mul_variant;
extern const rkw_variant rkw_requantize_variant;
extern const rkw_variant rkw_max_pool_variant;
extern const rkw_variant rkw_global_average_pool_variant;

static inline uint32_t rkw_align(uint32_t bytes) {
    return (bytes + 15u) & ~15u;
}

#endif
