/*
 * Packed weight codes: 8 bits as they are, 4 and 2 bits packed lowest bits first over the flat tensor, so that a row may start in the
 * middle of a byte.
 */
#ifndef RK_WEIGHTS_H
#define RK_WEIGHTS_H

#include <stdint.h>

/* Code `index` of the flat tensor; `bits` is 8, 4 or 2. */
static inline int8_t rk_weight_at(const uint8_t *packed, int32_t bits, int32_t index) {
    if (bits == 8) return (int8_t)packed[index];
    const int32_t per_byte_log2 = bits == 4 ? 1 : 2;
    const int32_t place = index & ((1 << per_byte_log2) - 1);
    const uint32_t byte = packed[index >> per_byte_log2];
    const int32_t unused = 32 - bits;
    return (int8_t)((int32_t)(byte << (unused - place * bits)) >> unused);
}

/* Codes [first, first + count) as int8: where they lie if they have 8 bits, else unpacked into `scratch` (count bytes). */
const int8_t *rk_unpack_weights(const uint8_t *packed, int32_t bits, int32_t first, int32_t count, void *scratch);

#endif
