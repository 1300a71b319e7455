/*
 * CRC-32 four bytes a step, instead of src/rk_crc32.c: a host checks a program of megabytes before each of thousands of runs. The
 * tables are made anew for every call, so that nothing is global; that costs a few microseconds.
 */
#include "rk_program.h"

enum { BYTES = 256, SLICES = 4 };

static const uint32_t polynomial = 0xEDB88320u;

/* table[k][b]: what byte b does to the register when k more bytes follow in the same step. */
static void make_tables(uint32_t table[SLICES][BYTES]) {
    for (uint32_t byte = 0; byte < BYTES; byte++) {
        uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ polynomial : value >> 1;
        table[0][byte] = value;
    }
    for (uint32_t slice = 1; slice < SLICES; slice++) {
        for (uint32_t byte = 0; byte < BYTES; byte++) {
            const uint32_t value = table[slice - 1][byte];
            table[slice][byte] = value >> 8 ^ table[0][value & 0xFF];
        }
    }
}

uint32_t rk_crc32(const uint8_t *bytes, uint32_t size, uint32_t previous) {
    uint32_t table[SLICES][BYTES];
    make_tables(table);
    uint32_t crc = ~previous;
    uint32_t at = 0;
    for (; size - at >= SLICES; at += SLICES) {
        crc ^= (uint32_t)bytes[at] | (uint32_t)bytes[at + 1] << 8 | (uint32_t)bytes[at + 2] << 16 |
               (uint32_t)bytes[at + 3] << 24;
        crc = table[3][crc & 0xFF] ^ table[2][crc >> 8 & 0xFF] ^ table[1][crc >> 16 & 0xFF] ^ table[0][crc >> 24];
    }
    for (; at < size; at++) crc = crc >> 8 ^ table[0][(crc ^ bytes[at]) & 0xFF];
    return ~crc;
}
