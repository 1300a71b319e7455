/*
 * The three functions that compilers call by themselves, so that the firmware needs no C library. Words are copied as words where both
 * sides are aligned. Built with -fno-builtin, or they would call themselves.
 */
#include "rk_memory.h"

#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) word;

static int aligned(const void *a, const void *b) { return (((uintptr_t)a | (uintptr_t)b) & 3) == 0; }

void *memcpy(void *restrict target, const void *restrict source, size_t count) {
    uint8_t *to = target;
    const uint8_t *from = source;
    if (aligned(to, from)) {
        for (; count >= 4; count -= 4, to += 4, from += 4) *(word *)(void *)to = *(const word *)(const void *)from;
    }
    while (count-- > 0) *to++ = *from++;
    return target;
}

void *memmove(void *target, const void *source, size_t count) {
    uint8_t *to = target;
    const uint8_t *from = source;
    if (to <= from || to >= from + count) return memcpy(target, source, count);
    while (count-- > 0) to[count] = from[count];
    return target;
}

void *memset(void *target, int value, size_t count) {
    uint8_t *to = target;
    word pattern = (uint8_t)value * 0x01010101u;
    if (aligned(to, to)) {
        for (; count >= 4; count -= 4, to += 4) *(word *)(void *)to = pattern;
    }
    while (count-- > 0) *to++ = (uint8_t)value;
    return target;
}
