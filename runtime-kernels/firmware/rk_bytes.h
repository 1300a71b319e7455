/* Little-endian numbers at any address, and a writer that stops at its limit. */
#ifndef RK_BYTES_H
#define RK_BYTES_H

#include <stdint.h>

static inline uint16_t rk_get_u16(const uint8_t *at) { return (uint16_t)(at[0] | at[1] << 8); }

static inline uint32_t rk_get_u32(const uint8_t *at) { return rk_get_u16(at) | (uint32_t)rk_get_u16(at + 2) << 16; }

/* Writes to [at, end); what does not fit is dropped, so callers check `room` where lengths vary. */
typedef struct rk_writer {
    uint8_t *at;
    uint8_t *end;
} rk_writer;

static inline uint32_t rk_writer_room(const rk_writer *writer) { return (uint32_t)(writer->end - writer->at); }

static inline void rk_put_u8(rk_writer *writer, uint32_t value) {
    if (writer->at < writer->end) *writer->at++ = (uint8_t)value;
}

static inline void rk_put_u16(rk_writer *writer, uint32_t value) {
    rk_put_u8(writer, value & 0xFF);
    rk_put_u8(writer, value >> 8 & 0xFF);
}

static inline void rk_put_u32(rk_writer *writer, uint32_t value) {
    rk_put_u16(writer, value & 0xFFFF);
    rk_put_u16(writer, value >> 16);
}

static inline void rk_put_u64(rk_writer *writer, uint64_t value) {
    rk_put_u32(writer, (uint32_t)value);
    rk_put_u32(writer, (uint32_t)(value >> 32));
}

/* A count byte and the characters; at most 255. */
static inline void rk_put_text(rk_writer *writer, const char *text) {
    uint32_t length = 0;
    while (text[length] != 0 && length < 255) length++;
    rk_put_u8(writer, length);
    for (uint32_t index = 0; index < length; index++) rk_put_u8(writer, (uint8_t)text[index]);
}

#endif
