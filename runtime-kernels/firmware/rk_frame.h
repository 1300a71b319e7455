/*
 * Frames of the link protocol (docs/link-protocol.md): byte stuffing, checksum and limits. Not what the frames mean.
 */
#ifndef RK_FRAME_H
#define RK_FRAME_H

#include <stdint.h>

typedef enum rk_frame_event {
    RK_FRAME_MORE,    /* not at an end yet */
    RK_FRAME_WHOLE,   /* a frame with the right checksum is in the decoder's buffer */
    RK_FRAME_DAMAGED, /* a frame ended with wrong stuffing or checksum */
    RK_FRAME_TOO_LONG /* a frame ended that did not fit the buffer */
} rk_frame_event;

typedef struct rk_frame_decoder {
    uint8_t *bytes;    /* content: type, sequence, payload, CRC-32 */
    uint32_t capacity; /* of `bytes` */
    uint32_t length;   /* content bytes so far; of the whole content after RK_FRAME_WHOLE, until the next byte */
    uint8_t code;      /* code byte of the piece being received, 0 between frames */
    uint8_t left;      /* bytes of the piece still to come */
    uint8_t ended;     /* the last byte ended a frame: the next one begins anew */
    uint8_t too_long;
} rk_frame_decoder;

void rk_frame_decoder_start(rk_frame_decoder *decoder, uint8_t *bytes, uint32_t capacity);

/* Takes one byte from the wire. */
rk_frame_event rk_frame_decoder_push(rk_frame_decoder *decoder, uint8_t byte);

/*
 * Appends the CRC-32 to `length` bytes of content and sends it all as one frame. `content` has room for 4 more bytes. The CRC stays there:
 * rk_frame_repeat can send the frame again.
 */
void rk_frame_send(uint8_t *content, uint32_t length);

/* Sends content that ends in its CRC-32. */
void rk_frame_repeat(const uint8_t *content, uint32_t length_with_crc);

#endif
