/* gemmlowp's fixed-point functions, bit for bit. Q<i>.<f> has i integer and f fraction bits besides the sign. */
#ifndef RK_FIXED_POINT_H
#define RK_FIXED_POINT_H

#include "rk_rounding.h"

/* Zero bits above the highest one bit; 32 for 0. */
int32_t rk_leading_zeros(int32_t value);

/* exp(a) of a <= 0 in Q<integer_bits>, as Q0.31. Positive values give garbage, but no trap. */
int32_t rk_exp_on_negative(int32_t a, int32_t integer_bits);

/* 1 / (1 + a) of 0 <= a < 1 in Q0.31, as Q0.31. */
int32_t rk_one_over_one_plus(int32_t a);

#endif
