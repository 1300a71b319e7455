/* Convolutions of int16 activations; rkw_conv.c hands them on. */
#ifndef RKW_CONV_WIDE_H
#define RKW_CONV_WIDE_H

#include "rkw_variant.h"

extern const rkw_variant rkw_conv_wide;

#endif
