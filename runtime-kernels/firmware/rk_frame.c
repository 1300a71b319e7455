/* Byte stuffing (COBS) and checksum of frames; see rk_frame.h. */
#include "rk_frame.h"

#include "rk_bytes.h"
#include "rk_port.h"
#include "rk_program.h"
#include "rk_protocol.h"

void rk_frame_decoder_start(rk_frame_decoder *decoder, uint8_t *bytes, uint32_t capacity) {
    decoder->bytes = bytes;
    decoder->capacity = capacity;
    decoder->ended = 0;
    decoder->length = 0;
    decoder->code = 0;
    decoder->left = 0;
    decoder->too_long = 0;
}

static void append(rk_frame_decoder *decoder, uint8_t byte) {
    if (decoder->length < decoder->capacity) {
        decoder->bytes[decoder->length++] = byte;
    } else {
        decoder->too_long = 1;
    }
}

/* What a zero byte on the wire ends. */
static rk_frame_event end_frame(rk_frame_decoder *decoder) {
    if (decoder->code == 0) return RK_FRAME_MORE; /* nothing since the last zero */
    decoder->ended = 1;
    if (decoder->too_long) return RK_FRAME_TOO_LONG;
    if (decoder->left != 0 || decoder->length < RK_LINK_FRAME_OVERHEAD_BYTES) return RK_FRAME_DAMAGED;
    uint32_t checked = decoder->length - 4;
    uint32_t crc = rk_get_u32(decoder->bytes + checked);
    return rk_crc32(decoder->bytes, checked, 0) == crc ? RK_FRAME_WHOLE : RK_FRAME_DAMAGED;
}

rk_frame_event rk_frame_decoder_push(rk_frame_decoder *decoder, uint8_t byte) {
    if (decoder->ended) rk_frame_decoder_start(decoder, decoder->bytes, decoder->capacity);
    if (byte == 0) return end_frame(decoder);
    if (decoder->left != 0) {
        append(decoder, byte);
        decoder->left--;
        return RK_FRAME_MORE;
    }
    /* A new piece: the one before stood for a zero at its end, unless it was the first or had the full 254 bytes. */
    if (decoder->code != 0 && decoder->code != 255) append(decoder, 0);
    decoder->code = byte;
    decoder->left = (uint8_t)(byte - 1);
    return RK_FRAME_MORE;
}

void rk_frame_repeat(const uint8_t *content, uint32_t length) {
    const uint8_t zero = 0;
    rk_port_write(&zero, 1);
    uint32_t start = 0;
    while (start <= length) { /* the byte after the content counts as the zero that ends its last piece */
        uint32_t end = start;
        while (end < length && content[end] != 0 && end - start < 254) end++;
        uint8_t code = (uint8_t)(end - start + 1);
        rk_port_write(&code, 1);
        rk_port_write(content + start, end - start);
        start = code == 255 ? end : end + 1;
    }
    rk_port_write(&zero, 1);
}

void rk_frame_send(uint8_t *content, uint32_t length) {
    rk_writer crc = {content + length, content + length + 4};
    rk_put_u32(&crc, rk_crc32(content, length, 0));
    rk_frame_repeat(content, length + 4);
}
