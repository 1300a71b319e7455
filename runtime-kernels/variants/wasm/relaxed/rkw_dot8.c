/* Matrix products of bytes and the probe that allows them; see rkw_dot8.h. */
#include "rkw_dot8.h"

#include <wasm_simd128.h>

#define RKW_TILE_NAME(name) rkw_dot8_##name
#define RKW_TILE_DOT(sum, x, w) wasm_i32x4_relaxed_dot_i8x16_i7x16_add(w, x, sum)
#define RKW_TILE_FINISH(sum) wasm_i32x4_shl(sum, factor_log2)
#include "rkw_tile_template.h"

enum { LANES = 16, MIXTURES = 20000 };

/* Bits of the modes that four given quadruples of products are compatible with. */
static int compatible(const int8_t *a, const uint8_t *b) {
    int32_t found[4];
    const v128_t start = wasm_i32x4_const(1000000000, -1000000000, 7, -7);
    wasm_v128_store(found, wasm_i32x4_relaxed_dot_i8x16_i7x16_add(wasm_v128_load(a), wasm_v128_load(b), start));
    int32_t with_signed[4] = {1000000000, -1000000000, 7, -7};
    int32_t with_unsigned[4] = {1000000000, -1000000000, 7, -7};
    for (int lane = 0; lane < LANES; lane++) {
        with_signed[lane / 4] += a[lane] * (int8_t)b[lane];
        with_unsigned[lane / 4] += a[lane] * b[lane];
    }
    int modes = 1 << RKW_DOT8_SIGNED | 1 << RKW_DOT8_UNSIGNED;
    for (int word = 0; word < 4; word++) {
        if (found[word] != with_signed[word]) modes &= ~(1 << RKW_DOT8_SIGNED);
        if (found[word] != with_unsigned[word]) modes &= ~(1 << RKW_DOT8_UNSIGNED);
    }
    return modes;
}

rkw_dot8_mode rkw_dot8_probe(void) {
    int8_t a[LANES];
    uint8_t b[LANES];
    int modes = 1 << RKW_DOT8_SIGNED | 1 << RKW_DOT8_UNSIGNED;
    /* The same product in every lane: what saturates at 16 bits shows at the extremes. */
    for (int32_t pair = 0; pair < 65536; pair++) {
        for (int lane = 0; lane < LANES; lane++) {
            a[lane] = (int8_t)(pair >> 8);
            b[lane] = (uint8_t)pair;
        }
        modes &= compatible(a, b);
    }
    uint32_t random = 1;
    for (int mixture = 0; mixture < MIXTURES && modes != 0; mixture++) {
        for (int lane = 0; lane < LANES; lane++) {
            random = random * 1664525u + 1013904223u;
            a[lane] = (int8_t)(random >> 24);
            b[lane] = (uint8_t)(random >> 16);
        }
        modes &= compatible(a, b);
    }
    if (modes & 1 << RKW_DOT8_UNSIGNED) return RKW_DOT8_UNSIGNED;
    return modes & 1 << RKW_DOT8_SIGNED ? RKW_DOT8_SIGNED : RKW_DOT8_NONE;
}
