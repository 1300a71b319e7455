/* The fast variants by opcode. */
#include "rkw_variant.h"

#include "rk_opcodes.h"

const rkw_variant *rkw_variant_find(uint32_t opcode) {
    switch (opcode) {
    case RK_OPCODE_CONV:
        return &rkw_conv_variant;
    case RK_OPCODE_DEPTHWISE_CONV:
        return &rkw_depthwise_conv_variant;
    case RK_OPCODE_FULLY_CONNECTED:
        return &rkw_fully_connected_variant;
    case RK_OPCODE_ADD:
        return &rkw_add_variant;
    case RK_OPCODE_MUL:
        return &rkw_mul_variant;
    case RK_OPCODE_REQUANTIZE:
        return &rkw_requantize_variant;
    case RK_OPCODE_MAX_POOL:
        return &rkw_max_pool_variant;
    case RK_OPCODE_GLOBAL_AVERAGE_POOL:
        return &rkw_global_average_pool_variant;
    default:
        return NULL;
    }
}
