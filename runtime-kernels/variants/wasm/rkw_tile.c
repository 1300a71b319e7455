/* Matrix products of int16: i32x4.dot_i16x8 makes two products per lane. */
#include "rkw_tile.h"

#include <wasm_simd128.h>

#define RKW_TILE_NAME(name) rkw_multiply_##name
#define RKW_TILE_BEGIN(start) wasm_v128_load(start)
#define RKW_TILE_STEP(sum, x, w) wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(x, w))
#define RKW_TILE_END(sum, start) sum
#include "rkw_tile_template.h"
