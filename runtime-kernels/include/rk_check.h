/*
 * What kernels need to check an operation of an untrusted program: each function answers RK_OK or the status of its own complaint.
 * The limits make all index arithmetic of the kernels fit int32: sizes are products of at most 2^31 - 1, positions of windows stay below 2^30.
 */
#ifndef RK_CHECK_H
#define RK_CHECK_H

#include <stdbool.h>

#include "rk_kernel.h"
#include "rk_opcodes.h"
#include "rk_window.h"

/* Most rows, columns, strides, paddings and dilations. */
enum { RK_SIZE_MAX = 65535 };

/* Bits of a dtype mask. */
enum { RK_S8 = 1 << RK_DTYPE_INT8, RK_S16 = 1 << RK_DTYPE_INT16, RK_S32 = 1 << RK_DTYPE_INT32 };

/* The product of the sizes; 0 where one is below 1 or the product is above 2^31 - 1. */
int32_t rk_elements2(int32_t a, int32_t b);
int32_t rk_elements3(int32_t a, int32_t b, int32_t c);
int32_t rk_elements4(int32_t a, int32_t b, int32_t c, int32_t d);

rk_status rk_check_range(int32_t value, int32_t low, int32_t high);

/* The number of inputs, and the operation's dtype among those of the mask. */
rk_status rk_check_signature(const rk_check *check, int32_t inputs, int32_t dtypes);

/* The tensor holds exactly `elements` of the dtype; 0 elements never fit. */
rk_status rk_check_tensor(const rk_tensor *tensor, uint8_t dtype, int32_t elements);

/* A constant of `bytes` bytes lies inside the constants section. */
rk_status rk_check_constant(const rk_check *check, uint32_t offset, uint32_t bytes);
/* The same, or none. */
rk_status rk_check_optional_constant(const rk_check *check, uint32_t offset, uint32_t bytes);

/* Packed codes: `bits` is 8, 4 or 2. */
rk_status rk_check_weights(const rk_check *check, uint32_t offset, int32_t bits, int32_t elements);

/* A bias per channel (int64 where the activations are int16), or none. */
rk_status rk_check_bias(const rk_check *check, uint32_t offset, int32_t channels);

/* Zero point and clamp are codes of the operation's dtype, and the clamp is not empty. */
rk_status rk_check_zero_point(const rk_check *check, int32_t zero_point);
rk_status rk_check_clamp(const rk_check *check, int32_t zero_point, int32_t clamp_min, int32_t clamp_max);

/* One pair of words that the operation's rule can compute with (rk_requantize.h). */
rk_status rk_check_scale(uint8_t rule, int32_t multiplier, int32_t shift);
/* The constants with such pairs: one per channel, or one alone where channel_step is 0. */
rk_status rk_check_scales(const rk_check *check, uint32_t multiplier, uint32_t shift, int32_t channel_step,
                          int32_t channels);
/* A positive finite float32, as bit pattern. */
rk_status rk_check_positive_float(int32_t bits);

/* Geometry of a window along one axis. */
rk_status rk_check_axis(const rk_axis *axis);

#endif
