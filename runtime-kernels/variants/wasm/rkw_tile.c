/* Matrix products in tiles; see rkw_tile.h. The last tile reads and writes whole rows of padding. */
#include "rkw_tile.h"

void rkw_multiply_at(const uint8_t *base, const int32_t *offsets, int32_t rows, const uint8_t *weights,
                     const rkw_runs *runs, const int32_t *start, int32_t *sums) {
    for (int32_t row = 0; row < rows; row += RKW_ROWS) {
        const int32_t *at = offsets + row;
        rkw_tile(base + at[0], base + at[1], base + at[2], base + at[3], base + at[4], base + at[5], weights,
                 runs->pairs, runs->count, runs->steps, start, sums + row * RKW_COLUMNS);
    }
}

void rkw_multiply_rows(const uint8_t *base, int32_t row_bytes, int32_t rows, const uint8_t *weights, int32_t pairs,
                       const int32_t *start, int32_t *sums) {
    const int32_t no_step = 0;
    for (int32_t row = 0; row < rows; row += RKW_ROWS) {
        const uint8_t *first = base + row * row_bytes;
        rkw_tile(first, first + row_bytes, first + 2 * row_bytes, first + 3 * row_bytes, first + 4 * row_bytes,
                 first + 5 * row_bytes, weights, pairs, 1, &no_step, start, sums + row * RKW_COLUMNS);
    }
}
