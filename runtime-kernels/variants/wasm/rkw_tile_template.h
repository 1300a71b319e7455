/*
 * Matrix products in tiles of 6 rows and 8 columns, for one kind of product; see rkw_tile.h. Defined before: RKW_TILE_NAME, and what
 * an accumulator starts as, how a step adds to it, and what it is at the end. 12 accumulators, two weight vectors and one row fill the
 * 16 vector registers of x86-64. The last tile reads and writes whole rows of padding.
 */
#define RKW_TILE_ROW(row)                               \
    {                                                   \
        const v128_t x = wasm_v128_load32_splat(a##row); \
        low##row = RKW_TILE_STEP(low##row, x, w0);      \
        high##row = RKW_TILE_STEP(high##row, x, w1);    \
    }
#define RKW_TILE_ADVANCE(bytes) a0 += bytes, a1 += bytes, a2 += bytes, a3 += bytes, a4 += bytes, a5 += bytes
#define RKW_TILE_STORE(row)                                                          \
    wasm_v128_store(sums + (row) * RKW_COLUMNS, RKW_TILE_END(low##row, start));      \
    wasm_v128_store(sums + (row) * RKW_COLUMNS + 4, RKW_TILE_END(high##row, start + 4))

/*
 * sums[6][8] = start[8] + the products of six rows, given by the addresses of their first runs. The loop is not unrolled: engines then hoist
 * loads, run out of vector registers and lose up to a third (measured in V8).
 */
static inline __attribute__((always_inline)) void tile(const uint8_t *a0, const uint8_t *a1, const uint8_t *a2,
                                                       const uint8_t *a3, const uint8_t *a4, const uint8_t *a5,
                                                       const uint8_t *weights, int32_t length, int32_t runs,
                                                       const int32_t *steps, const int32_t *start, int32_t *sums) {
    v128_t low0 = RKW_TILE_BEGIN(start);
    v128_t high0 = RKW_TILE_BEGIN(start + 4);
    v128_t low1 = low0, low2 = low0, low3 = low0, low4 = low0, low5 = low0;
    v128_t high1 = high0, high2 = high0, high3 = high0, high4 = high0, high5 = high0;
    for (int32_t run = 0;;) {
#pragma clang loop unroll(disable)
        for (int32_t left = length; left > 0; left--) {
            const v128_t w0 = wasm_v128_load(weights);
            const v128_t w1 = wasm_v128_load(weights + 16);
            RKW_TILE_ROW(0)
            RKW_TILE_ROW(1)
            RKW_TILE_ROW(2)
            RKW_TILE_ROW(3)
            RKW_TILE_ROW(4)
            RKW_TILE_ROW(5)
            RKW_TILE_ADVANCE(RKW_STEP_BYTES);
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

void RKW_TILE_NAME(at)(const uint8_t *base, const int32_t *offsets, int32_t rows, const uint8_t *weights,
                       const rkw_runs *runs, const int32_t *start, int32_t *sums) {
    for (int32_t row = 0; row < rows; row += RKW_ROWS) {
        const int32_t *at = offsets + row;
        tile(base + at[0], base + at[1], base + at[2], base + at[3], base + at[4], base + at[5], weights,
             runs->length, runs->count, runs->steps, start, sums + row * RKW_COLUMNS);
    }
}

void RKW_TILE_NAME(rows)(const uint8_t *base, int32_t row_bytes, int32_t rows, const uint8_t *weights, int32_t length,
                         const int32_t *start, int32_t *sums) {
    const int32_t no_step = 0;
    for (int32_t row = 0; row < rows; row += RKW_ROWS) {
        const uint8_t *first = base + row * row_bytes;
        tile(first, first + row_bytes, first + 2 * row_bytes, first + 3 * row_bytes, first + 4 * row_bytes,
             first + 5 * row_bytes, weights, length, 1, &no_step, start, sums + row * RKW_COLUMNS);
    }
}
