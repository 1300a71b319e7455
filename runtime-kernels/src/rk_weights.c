/* Unpacking of a run of weight codes; see rk_weights.h. A filter is unpacked once and then used at every output position. */
#include "rk_weights.h"

static int32_t low_nibble(uint32_t byte) {
    return (int32_t)(byte << 28) >> 28;
}

/* Two codes a byte; `first` is even. */
static void unpack_nibbles(const uint8_t *packed, int32_t count, int8_t *codes) {
    for (int32_t index = 0; index + 1 < count; index += 2) {
        const uint32_t byte = *packed++;
        codes[index] = (int8_t)low_nibble(byte);
        codes[index + 1] = (int8_t)low_nibble(byte >> 4);
    }
    if (count & 1) codes[count - 1] = (int8_t)low_nibble(*packed);
}

const int8_t *rk_unpack_weights(const uint8_t *packed, int32_t bits, int32_t first, int32_t count, void *scratch) {
    if (bits == 8) return (const int8_t *)packed + first;
    int8_t *codes = scratch;
    if (bits == 4 && (first & 1) == 0) {
        unpack_nibbles(packed + first / 2, count, codes);
        return codes;
    }
    for (int32_t index = 0; index < count; index++) codes[index] = rk_weight_at(packed, bits, first + index);
    return codes;
}
