/* The functions of the C library that the firmware uses; rk_memory.c has them where there is no C library. */
#ifndef RK_MEMORY_H
#define RK_MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict target, const void *restrict source, size_t count);
void *memmove(void *target, const void *source, size_t count);
void *memset(void *target, int value, size_t count);

#endif
