/* Element type of the templates that only move codes: int32 indices. Include before each template. */
#undef RK_ELEMENT
#undef RK_BIAS
#undef RK_ACCUMULATOR
#undef RK_NAME
#undef RK_SIGNED
#define RK_ELEMENT int32_t
#define RK_NAME(name) name##_s32
