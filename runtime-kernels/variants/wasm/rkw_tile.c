/* Matrix products of int16: i32x4.dot_i16x8 makes two products per lane. Weights carry the factor already. */
#include "rkw_tile.h"

#include <wasm_simd128.h>

#define RKW_TILE_NAME(name) rkw_##name
#define RKW_TILE_DOT(sum, x, w) wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(x, w))
#define RKW_TILE_FINISH(sum) sum
#include "rkw_tile_template.h"
