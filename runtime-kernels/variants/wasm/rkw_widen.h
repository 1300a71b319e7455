/* int8 codes to int16 differences to the zero point: what the matrix products read. */
#ifndef RKW_WIDEN_H
#define RKW_WIDEN_H

#include <stdint.h>
#include <wasm_simd128.h>

/* Reads up to 7 bytes and writes up to 7 elements past the end. */
static inline void rkw_widen(const int8_t *codes, int32_t count, int32_t zero_point, int16_t *differences) {
    const v128_t zero = wasm_i16x8_splat((int16_t)zero_point);
    for (int32_t index = 0; index < count; index += 8) {
        wasm_v128_store(differences + index, wasm_i16x8_sub(wasm_i16x8_load8x8(codes + index), zero));
    }
}

static inline void rkw_clear(int16_t *differences, int32_t count) {
    for (int32_t index = 0; index < count; index++) differences[index] = 0;
}

#endif
