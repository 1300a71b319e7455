/*
 * The inner loops of all matrix products: rows of activations times columns of weights into int32, exact (sums wrap like those of the
 * plain kernels). A row is a number of runs of consecutive elements; a step is four bytes of it: two int16, or four bytes where codes
 * are narrow (rkw_narrow.h). Weights lie as [run][step][8 columns][4 bytes].
 */
#ifndef RKW_TILE_H
#define RKW_TILE_H

#include <stdint.h>

enum { RKW_ROWS = 6, RKW_COLUMNS = 8, RKW_STEP_BYTES = 4, RKW_WEIGHT_BYTES = 32 };

/* The runs of a row. All runs have the same length in steps, the last one being padded with weights of 0. */
typedef struct rkw_runs {
    int32_t count;
    int32_t length;
    /* Bytes from the end of each run to the start of the next; the last entry is unused. */
    const int32_t *steps;
} rkw_runs;

/* Rows rounded up to whole tiles. */
static inline int32_t rkw_whole_tiles(int32_t rows) {
    return (rows + RKW_ROWS - 1) / RKW_ROWS * RKW_ROWS;
}

/* sums[row][8] from start[8] for rows at `base + offsets[row]`; offsets and sums have rkw_whole_tiles(rows) entries. */
void rkw_multiply_at(const uint8_t *base, const int32_t *offsets, int32_t rows, const uint8_t *weights,
                     const rkw_runs *runs, const int32_t *start, int32_t *sums);

/* The same for rows of one run, `row_bytes` apart. */
void rkw_multiply_rows(const uint8_t *base, int32_t row_bytes, int32_t rows, const uint8_t *weights, int32_t length,
                       const int32_t *start, int32_t *sums);

#endif
