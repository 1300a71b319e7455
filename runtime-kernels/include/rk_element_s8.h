/* Element type of a kernel template: int8 activations, int32 accumulators that wrap. Include before each template. */
#undef RK_ELEMENT
#undef RK_BIAS
#undef RK_ACCUMULATOR
#undef RK_NAME
#undef RK_SIGNED
#define RK_ELEMENT int8_t
#define RK_BIAS int32_t
#define RK_ACCUMULATOR uint32_t
#define RK_NAME(name) name##_s8
#define RK_SIGNED(accumulator) ((int32_t)(accumulator))
