/* Filters packed for the matrix products: [panel][run][step][8 columns][4 bytes]. */
#ifndef RKW_FILTERS_H
#define RKW_FILTERS_H

#include "rkw_product.h"

/* `outputs` filters of `runs` runs of `run_elements` codes each, one after the other from code `first` on. */
typedef struct rkw_filters {
    const uint8_t *codes;
    int32_t bits;
    int32_t zero_point; /* subtracted from each code */
    int32_t first;
    int32_t outputs;
    int32_t runs;
    int32_t run_elements;
} rkw_filters;

/* Steps of a run whose elements have `element_bytes` bytes: 2, or 1 where codes are narrow. */
static inline int32_t rkw_run_steps(int32_t run_elements, int32_t element_bytes) {
    return (run_elements * element_bytes + RKW_STEP_BYTES - 1) / RKW_STEP_BYTES;
}

/* As int16, each panel with its factor. Returns the end. */
uint8_t *rkw_pack_filters(const rkw_filters *filters, const rkw_panel *panels, uint8_t *weights);

/* As bytes, and the panels' narrow_bias; NULL if a weight leaves a byte or a sum may leave int16. `input_zero_point` is that of the codes. */
uint8_t *rkw_pack_narrow_filters(const rkw_filters *filters, int32_t input_zero_point, rkw_panel *panels,
                                 uint8_t *weights);

#endif
