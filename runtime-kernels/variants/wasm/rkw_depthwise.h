/* What the two files of the depthwise convolution share. */
#ifndef RKW_DEPTHWISE_H
#define RKW_DEPTHWISE_H

#include "rk_parameters.h"

enum { RKW_POSITIONS = 4 }; /* outputs at a time */

typedef struct rkw_depthwise_geometry {
    int32_t channels; /* rounded up to 8 */
    int32_t panels;
    int32_t row_pairs; /* of the kernel */
    int32_t padded_width;
    int32_t row_elements; /* of a padded row without its partner */
    int32_t band_rows;    /* output rows */
} rkw_depthwise_geometry;

/*
 * sums[x][8] of one output row, from start[8]. `source` points at the row's first tap in the panel. Sums past the last output are
 * garbage, in room for up to RKW_POSITIONS - 1 more.
 */
void rkw_depthwise_row(const rk_depthwise_conv_parameters *p, const rkw_depthwise_geometry *g, const int16_t *source,
                       const int16_t *weights, const int32_t *start, int32_t *sums);

#endif
