/* Element type of a kernel template: int16 activations, int64 accumulators that wrap. Include before each template. */
#undef RK_ELEMENT
#undef RK_BIAS
#undef RK_ACCUMULATOR
#undef RK_NAME
#undef RK_SIGNED
#define RK_ELEMENT int16_t
#define RK_BIAS int64_t
#define RK_ACCUMULATOR uint64_t
#define RK_NAME(name) name##_s16
#define RK_SIGNED(accumulator) ((int64_t)(accumulator))
