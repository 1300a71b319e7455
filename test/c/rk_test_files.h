/* Reading whole files and aligned memory for the host test programs. */
#ifndef RK_TEST_FILES_H
#define RK_TEST_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Exactly `size` bytes, aligned to 16, so that a sanitizer sees the first byte past the end; at least one byte. */
static inline void *test_allocate(size_t size) {
    void *memory = NULL;
    if (posix_memalign(&memory, 16, size == 0 ? 1 : size) != 0) abort();
    return memory;
}

/* A copy of `size` bytes at a fresh aligned address. */
static inline uint8_t *test_copy(const uint8_t *bytes, size_t size) {
    uint8_t *copy = test_allocate(size);
    for (size_t at = 0; at < size; at++) copy[at] = bytes[at];
    return copy;
}

static inline uint8_t *test_read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = test_allocate(*size);
    if (fread(bytes, 1, *size, file) != *size) exit(2);
    fclose(file);
    return bytes;
}

static inline uint32_t test_read_u32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

#endif
