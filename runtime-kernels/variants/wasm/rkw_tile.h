/*
 * The inner loop of all matrix products: 6 rows of int16 activations times 8 columns of int16 weights into int32, exact (sums wrap like
 * those of the plain kernels). A row is a number of runs of consecutive elements; weights lie as [run][pair][8 columns][2], so that one
 * i32x4.dot_i16x8 makes 8 products. 12 accumulators, two weight vectors and one row fill the 16 vector registers of x86-64.
 */
#ifndef RKW_TILE_H
#define RKW_TILE_H

#include <stdint.h>
#include <wasm_simd128.h>

enum { RKW_ROWS = 6, RKW_COLUMNS = 8, RKW_PAIR_BYTES = 4, RKW_WEIGHT_BYTES = 32 };

/* The runs of a row. All runs have the same length: `pairs` pairs of elements, an odd last element being padded with a weight of 0. */
typedef struct rkw_runs {
    int32_t count;
    int32_t pairs;
    /* Bytes from the end of each run to the start of the next; the last entry is unused. */
    const int32_t *steps;
} rkw_runs;

#define RKW_TILE_ROW(row)                                                       \
    {                                                                           \
        const v128_t x = wasm_v128_load32_splat(a##row);                        \
        low##row = wasm_i32x4_add(low##row, wasm_i32x4_dot_i16x8(x, w0));       \
        high##row = wasm_i32x4_add(high##row, wasm_i32x4_dot_i16x8(x, w1));     \
    }
#define RKW_TILE_ADVANCE(bytes) a0 += bytes, a1 += bytes, a2 += bytes, a3 += bytes, a4 += bytes, a5 += bytes
#define RKW_TILE_STORE(row)                                                     \
    wasm_v128_store(sums + (row) * RKW_COLUMNS, low##row);                      \
    wasm_v128_store(sums + (row) * RKW_COLUMNS + 4, high##row)

/*
 * sums[6][8] = start[8] + the products of six rows, given by the addresses of their first runs. The loop is not unrolled: engines then hoist
 * loads, run out of vector registers and lose up to a third (measured in V8).
 */
static inline __attribute__((always_inline)) void rkw_tile(const uint8_t *a0, const uint8_t *a1, const uint8_t *a2,
                                                           const uint8_t *a3, const uint8_t *a4, const uint8_t *a5,
                                                           const uint8_t *weights, int32_t pairs, int32_t runs,
                                                           const int32_t *steps, const int32_t *start,
                                                           int32_t *sums) {
    v128_t low0 = wasm_v128_load(start);
    v128_t high0 = wasm_v128_load(start + 4);
    v128_t low1 = low0, low2 = low0, low3 = low0, low4 = low0, low5 = low0;
    v128_t high1 = high0, high2 = high0, high3 = high0, high4 = high0, high5 = high0;
    for (int32_t run = 0;;) {
#pragma clang loop unroll(disable)
        for (int32_t left = pairs; left > 0; left--) {
            const v128_t w0 = wasm_v128_load(weights);
            const v128_t w1 = wasm_v128_load(weights + 16);
            RKW_TILE_ROW(0)
            RKW_TILE_ROW(1)
            RKW_TILE_ROW(2)
            RKW_TILE_ROW(3)
            RKW_TILE_ROW(4)
            RKW_TILE_ROW(5)
            RKW_TILE_ADVANCE(RKW_PAIR_BYTES);
            weights += RKW_WEIGHT_BYTES;
        }
        const int32_t step = steps[run];
        if (++run >= runs) break;
        RKW_TILE_ADVANCE(step);
    }
    RKW_TILE_STORE(0);
    RKW_TILE_STORE(1);
    RKW_TILE_STORE(2);
    RKW_TILE_STORE(3);
    RKW_TILE_STORE(4);
    RKW_TILE_STORE(5);
}

/* Rows rounded up to whole tiles. */
static inline int32_t rkw_whole_tiles(int32_t rows) {
    return (rows + RKW_ROWS - 1) / RKW_ROWS * RKW_ROWS;
}

/* sums[row][8] from start[8] for rows at `base + offsets[row]`; offsets and sums have rkw_whole_tiles(rows) entries. */
void rkw_multiply_at(const uint8_t *base, const int32_t *offsets, int32_t rows, const uint8_t *weights,
                     const rkw_runs *runs, const int32_t *start, int32_t *sums);

/* The same for rows of one run, `row_bytes` apart. */
void rkw_multiply_rows(const uint8_t *base, int32_t row_bytes, int32_t rows, const uint8_t *weights, int32_t pairs,
                       const int32_t *start, int32_t *sums);

#endif
