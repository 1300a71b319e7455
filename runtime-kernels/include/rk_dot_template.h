/*
 * The inner loops of the accumulating kernels, for one element type. Sums are unsigned so that they wrap like the runtimes'; the
 * program's lowering proves that they never do. Reference: src/ops/conv.ts.
 */

/* accumulator + sum of weights[i] * (values[i] - zero_point). */
static inline RK_ACCUMULATOR RK_NAME(rk_dot)(RK_ACCUMULATOR accumulator, const RK_ELEMENT *values,
                                             const int8_t *weights, int32_t count, int32_t zero_point) {
    for (int32_t index = 0; index < count; index++) {
        accumulator += (RK_ACCUMULATOR)(weights[index] * (values[index] - zero_point));
    }
    return accumulator;
}

/* The same over values[at], values[at + step], ... */
static inline RK_ACCUMULATOR RK_NAME(rk_dot_strided)(RK_ACCUMULATOR accumulator, const RK_ELEMENT *values, int32_t at,
                                                     int32_t step, const int8_t *weights, int32_t count,
                                                     int32_t zero_point) {
    for (int32_t index = 0; index < count; index++) {
        accumulator += (RK_ACCUMULATOR)(weights[index] * (values[at] - zero_point));
        at += step;
    }
    return accumulator;
}

/* The bias of a channel, 0 where there is none. */
static inline RK_ACCUMULATOR RK_NAME(rk_bias_at)(const RK_BIAS *bias, int32_t channel) {
    return bias == NULL ? 0 : (RK_ACCUMULATOR)bias[channel];
}
