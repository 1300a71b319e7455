/*
 * The epilogue of the fast kernels: eight output channels at a time, with everything that depends on a channel packed beforehand.
 * Rules with a right shift per channel meet an instruction set that shifts all lanes alike; see rkw_epilogue.c for how.
 */
#ifndef RKW_EPILOGUE_H
#define RKW_EPILOGUE_H

#include "rk_requantize.h"

enum { RKW_LANES = 8 };

/* 1.5 * 2^23, where a float32 has no fraction bits: adding it rounds to the nearest integer, ties to even; and its bit pattern. */
enum { RKW_LINE_ORIGIN = 12582912, RKW_LINE_BITS = 0x4B400000 };

/* A sum that a lane with a line never reaches. */
enum { RKW_NO_EXCEPTION = INT32_MIN, RKW_EXCEPTIONS = 2 };

typedef enum rkw_kind {
    RKW_GENERIC, /* the plain rule, one value at a time */
    RKW_LINE,    /* one float32 product, proven equal to the rule but for a few sums */
    RKW_DOUBLE,
    RKW_SINGLE,
    RKW_MULTIPLY_FLOOR,
    RKW_HALF_UP,
    RKW_HALF_EVEN
} rkw_kind;

/* Eight channels; channels past the last one are zeros. */
typedef struct rkw_panel {
    int32_t bias[RKW_LANES];      /* what sums start from: `factor` times the bias */
    int32_t narrow_bias[RKW_LANES]; /* the same for narrow products (rkw_narrow.h) */
    float scale[RKW_LANES];       /* line */
    float line_away[RKW_LANES];   /* line: added to the magnitude */
    int32_t exception[RKW_EXCEPTIONS][RKW_LANES]; /* line: sums whose code is one more than it gives, or RKW_NO_EXCEPTION */
    int16_t zero_point[RKW_LANES]; /* or the code of a constant lane, whose scaled sum is 0 */
    int16_t constant[RKW_LANES];  /* 1 where every sum in reach gives the same code */
    int32_t multiplier[RKW_LANES];
    int32_t shift[RKW_LANES];     /* as in the program */
    int32_t tie_mask[RKW_LANES];   /* half-even: the bits that are shifted out */
    int32_t wide_power[RKW_LANES]; /* wide: 2^(30 - right shift of the lane) */
    int32_t wide_half[RKW_LANES];  /* wide: what rounds that shift */
    int32_t away[RKW_LANES];       /* wide, double: -1 in lanes that are shifted at all, else 0 */
    int16_t power[RKW_LANES];      /* else: 2^(15 - right shift that is left after pre_shift) */
    int16_t half[RKW_LANES];       /* else, floor: what undoes the rounding */
    int32_t kind;
    int32_t exceptions; /* line: of the lane with the most */
    int32_t wide;      /* the lanes do not agree on a pre_shift */
    int32_t pre_shift; /* else: the right shift that they share */
    int32_t factor;    /* of weights and bias in the sums: a power of two that saves the rule a step */
} rkw_panel;

/* Where an operation keeps its per-channel words. `bias` may be NULL. */
typedef struct rkw_channel_words {
    const int32_t *bias;
    const int32_t *multiplier;
    const int32_t *shift;
    int32_t channel_step;
    int32_t channels;
} rkw_channel_words;

static inline int32_t rkw_panels(int32_t channels) {
    return (channels + RKW_LANES - 1) / RKW_LANES;
}

/* `reach` has the largest magnitude of each channel's accumulator without bias, saturated at UINT32_MAX. */
void rkw_pack_epilogue(const rk_epilogue *epilogue, rkw_panel *panels, const rkw_channel_words *words,
                       const uint32_t *reach);

/* Marks the constant lanes of a panel whose words are in place; their zero points become their codes. */
void rkw_find_constants(const rk_epilogue *epilogue, rkw_panel *panel, int32_t lanes, const uint32_t *reach);

/* Finds the lines of the other lanes; 0 if one has none. */
int rkw_find_lines(const rk_epilogue *epilogue, rkw_panel *panel, int32_t lanes, const uint32_t *reach);

/*
 * sums[row][8], bias and factor included, to output codes; row r of the output starts r * stride bytes after `output`. `channels` of the
 * eight lanes are written, 1 to 8.
 */
void rkw_requantize_rows(const rk_epilogue *epilogue, const rkw_panel *panel, const int32_t *sums, int32_t rows,
                         int8_t *output, int32_t stride, int32_t channels);

#endif
