/*
 * Moving codes between two tensors of rank 4: what slice and transpose have in common. One walks the output in order while the
 * position in the input advances by one step per axis.
 */
#ifndef RK_STRIDES_H
#define RK_STRIDES_H

#include "rk_kernel.h"

/* Elements of the input between neighbours along each axis of the output. */
typedef struct rk_walk {
    int32_t sizes[4]; /* of the output */
    int32_t steps[4]; /* may be negative */
    int32_t first;    /* input element of the first output element */
} rk_walk;

/* Row-major strides of four sizes. */
static inline void rk_strides_of(const int32_t *sizes, int32_t *strides) {
    strides[3] = 1;
    for (int32_t axis = 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * sizes[axis + 1];
}

/* Copies inputs[0] to the output along the walk, in the element size of the operation's dtype. */
void rk_copy_walk(const rk_call *call, const rk_walk *walk);

#endif
