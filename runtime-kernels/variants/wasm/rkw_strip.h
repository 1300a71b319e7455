/* The padded input rows that one row of Winograd tiles sees, as codes. */
#ifndef RKW_STRIP_H
#define RKW_STRIP_H

#include <wasm_simd128.h>

#include "rk_parameters.h"

enum { RKW_STRIP_ROWS = 6 };

/* Both in steps of 16 bytes: up to 15 more are read and written. */
static inline void rkw_copy_codes(const int8_t *codes, int32_t count, int8_t *target) {
    for (int32_t index = 0; index < count; index += 16) wasm_v128_store(target + index, wasm_v128_load(codes + index));
}

static inline void rkw_fill_codes(int8_t *target, int32_t count, int32_t code) {
    for (int32_t index = 0; index < count; index += 16) wasm_v128_store(target + index, wasm_i8x16_splat((int8_t)code));
}

/*
 * Six input rows with the zero point around them, channels rounded up; what lies between the channels of a pixel and the next one
 * meets zero weights. Everything is written in ascending order, so what a step writes too much is overwritten.
 */
static inline void rkw_fill_strip(const rk_conv_parameters *p, int32_t padded_width, int32_t channels,
                                  const int8_t *input, int32_t first_row, int8_t *strip) {
    const int32_t row_bytes = padded_width * channels;
    const int32_t left = p->pad_left < padded_width ? p->pad_left : padded_width;
    const int32_t room = padded_width - left;
    const int32_t width = p->input_width < room ? p->input_width : room;
    for (int32_t row = 0; row < RKW_STRIP_ROWS; row++, strip += row_bytes) {
        const int32_t in_y = first_row + row;
        if (in_y < 0 || in_y >= p->input_height) {
            rkw_fill_codes(strip, row_bytes, p->input_zero_point);
            continue;
        }
        const int8_t *codes = input + in_y * p->input_width * p->input_channels;
        int8_t *inside = strip + left * channels;
        rkw_fill_codes(strip, left * channels, p->input_zero_point);
        if (p->input_channels == channels) {
            rkw_copy_codes(codes, width * channels, inside);
        } else {
            for (int32_t x = 0; x < width; x++) {
                rkw_copy_codes(codes + x * p->input_channels, channels, inside + x * channels);
            }
        }
        rkw_fill_codes(inside + width * channels, (room - width) * channels, p->input_zero_point);
    }
}

#endif
