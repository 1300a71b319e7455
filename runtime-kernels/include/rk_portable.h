/*
 * The portable kernels that have fast variants: kept for ever as the oracle of the variants, and what a variant calls for the shapes
 * and types that it leaves out. A variant is a folder of files named like the rk_<kernel>_run.c that they replace.
 */
#ifndef RK_PORTABLE_H
#define RK_PORTABLE_H

#include "rk_kernel.h"

void rk_conv_portable(const rk_call *call);
void rk_depthwise_conv_portable(const rk_call *call);
void rk_fully_connected_portable(const rk_call *call);
void rk_add_portable(const rk_call *call);

#endif
