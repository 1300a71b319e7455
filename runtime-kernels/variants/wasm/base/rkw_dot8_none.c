/* Builds without relaxed SIMD have no dot products of bytes; nobody calls these after the probe has said so. */
#include "rkw_dot8.h"

rkw_dot8_mode rkw_dot8_probe(void) {
    return RKW_DOT8_NONE;
}

void rkw_dot8_multiply_at(const uint8_t *base, const int32_t *offsets, int32_t rows, const uint8_t *weights,
                          const rkw_runs *runs, const int32_t *start, int32_t factor_log2, int32_t *sums) {
    (void)base, (void)offsets, (void)rows, (void)weights, (void)runs, (void)start, (void)factor_log2, (void)sums;
    __builtin_trap();
}

void rkw_dot8_multiply_rows(const uint8_t *base, int32_t row_bytes, int32_t rows, const uint8_t *weights,
                            int32_t pairs, const int32_t *start, int32_t factor_log2, int32_t *sums) {
    (void)base, (void)row_bytes, (void)rows, (void)weights, (void)pairs, (void)start, (void)factor_log2, (void)sums;
    __builtin_trap();
}
