/* gemmlowp's fixed-point functions; see rk_fixed_point.h. The constants are gemmlowp's roundings of the values named beside them. */
#include "rk_fixed_point.h"

int32_t rk_leading_zeros(int32_t value) {
    uint32_t bits = (uint32_t)value;
    int32_t zeros = 0;
    if (bits == 0) return 32;
    while ((bits & 0x80000000u) == 0) {
        bits <<= 1;
        zeros++;
    }
    return zeros;
}

/* exp of -1/4 <= a < 0 in Q0.31: a Taylor polynomial around -1/8. */
static int32_t exp_on_last_quarter(int32_t a) {
    const int32_t exp_of_minus_eighth = 1895147668;
    const int32_t third = 715827883;
    const int32_t x = rk_wrapping_add(a, 1 << 28);
    const int32_t x2 = rk_doubling_high_multiply(x, x);
    const int32_t x3 = rk_doubling_high_multiply(x2, x);
    const int32_t x4 = rk_doubling_high_multiply(x2, x2);
    const int32_t cubic = rk_wrapping_add(rk_rounding_divide(x4, 2), x3);
    const int32_t tail = rk_rounding_divide(rk_wrapping_add(rk_doubling_high_multiply(cubic, third), x2), 1);
    return rk_wrapping_add(exp_of_minus_eighth,
                           rk_doubling_high_multiply(exp_of_minus_eighth, rk_wrapping_add(x, tail)));
}

int32_t rk_exp_on_negative(int32_t a, int32_t integer_bits) {
    /* exp(-2^k) in Q0.31 for k = -2 to 4. */
    static const int32_t factors[7] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t fraction_bits = 31 - integer_bits;
    const int32_t quarter = 1 << (fraction_bits - 2);
    const int32_t modulo = (a & (quarter - 1)) - quarter;
    const uint32_t remainder = (uint32_t)modulo - (uint32_t)a;
    int32_t result = exp_on_last_quarter(rk_saturating_shift_left(modulo, integer_bits));
    for (int32_t k = -2; k <= 4 && k < integer_bits; k++) {
        if (remainder & (1u << (fraction_bits + k))) result = rk_doubling_high_multiply(result, factors[k + 2]);
    }
    return a == 0 ? INT32_MAX : result;
}

/* (a + b) / 2, ties away from zero. */
static int32_t rounding_half_sum(int32_t a, int32_t b) {
    const int64_t sum = (int64_t)a + b;
    return (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
}

int32_t rk_one_over_one_plus(int32_t a) {
    const int32_t forty_eight_seventeenths = 1515870810;     /* Q2.29 */
    const int32_t minus_thirty_two_seventeenths = -1010580540; /* Q2.29 */
    const int32_t half_denominator = rounding_half_sum(a, INT32_MAX);
    int32_t x = rk_wrapping_add(forty_eight_seventeenths,
                                rk_doubling_high_multiply(half_denominator, minus_thirty_two_seventeenths));
    for (int32_t round = 0; round < 3; round++) {
        const int32_t error = (1 << 29) - rk_doubling_high_multiply(half_denominator, x);
        x = rk_wrapping_add(x, rk_saturating_shift_left(rk_doubling_high_multiply(x, error), 2));
    }
    return rk_saturating_shift_left(x, 1);
}
