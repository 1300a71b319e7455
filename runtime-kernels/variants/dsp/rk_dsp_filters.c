/* Filters over one or two positions; see rk_dsp_filters.h. */
#include "rk_dsp_filters.h"

#include "rk_dsp.h"
#include "rk_dsp_sums.h"
#include "rk_weights.h"

enum { CHANNELS_AT_ONCE = 16 };

int32_t rk_dsp_passes(const rk_dsp_filters *f) {
    return f->weight_bits == 4 && f->size % 2 != 0 && f->channels > 1 ? 2 : 1;
}

/* Eight 4-bit weights come out of a word as pairs (0,4) (2,6) (1,5) (3,7), four 8-bit ones as (0,2) (1,3). */
void rk_dsp_arrange(const rk_dsp_filters *f, int32_t pass, int16_t *column) {
    uint8_t *at = (uint8_t *)(column + pass);
    const int32_t count = f->size - pass;
    if (f->weight_bits == 8) {
        for (int32_t tap = 0; tap + 4 <= count; tap += 4, at += 8) {
            const uint32_t x01 = rk_load_word(at);
            const uint32_t x23 = rk_load_word(at + 4);
            rk_store_word(at, rk_low_halves(x01, x23));
            rk_store_word(at + 4, rk_high_halves(x01, x23));
        }
        return;
    }
    for (int32_t tap = 0; tap + 8 <= count; tap += 8, at += 16) {
        const uint32_t x01 = rk_load_word(at);
        const uint32_t x23 = rk_load_word(at + 4);
        const uint32_t x45 = rk_load_word(at + 8);
        const uint32_t x67 = rk_load_word(at + 12);
        rk_store_word(at, rk_low_halves(x01, x45));
        rk_store_word(at + 4, rk_low_halves(x23, x67));
        rk_store_word(at + 8, rk_high_halves(x01, x45));
        rk_store_word(at + 12, rk_high_halves(x23, x67));
    }
}

void rk_dsp_widen(const int8_t *codes, int32_t count, int32_t zero_point, int16_t *differences) {
    for (int32_t index = 0; index < count; index++) differences[index] = (int16_t)(codes[index] - zero_point);
}

/* The weights that no group of eight holds: the first one of a pass that starts in a byte's middle, and the last ones. */
static void sum_single(const rk_dsp_filters *f, const int16_t *columns, int32_t positions, int32_t a, int32_t b,
                       int32_t first, int32_t last, int32_t *sums) {
    for (int32_t tap = first; tap < last; tap++) {
        const int32_t weight_a = rk_weight_at(f->weights, 4, a * f->size + tap);
        const int32_t weight_b = rk_weight_at(f->weights, 4, b * f->size + tap);
        for (int32_t position = 0; position < positions; position++) {
            const int32_t value = columns[position * f->size + tap];
            sums[position] = rk_wrapping_add(sums[position], weight_a * value);
            sums[2 + position] = rk_wrapping_add(sums[2 + position], weight_b * value);
        }
    }
}

/* 8-bit weights beyond the last group of four. */
static void sum_last(const rk_dsp_filters *f, const int16_t *columns, int32_t positions, const int8_t *a,
                     const int8_t *b, int32_t *sums) {
    for (int32_t tap = f->size / 4 * 4; tap < f->size; tap++) {
        for (int32_t position = 0; position < positions; position++) {
            const int32_t value = columns[position * f->size + tap];
            sums[position] = rk_wrapping_add(sums[position], a[tap] * value);
            sums[2 + position] = rk_wrapping_add(sums[2 + position], b[tap] * value);
        }
    }
}

/* Sums {a position 0, a 1, b 0, b 1}; a single position is multiplied twice. */
static void sum_channels(const rk_dsp_filters *f, int32_t pass, const int16_t *columns, int32_t positions, int32_t a,
                         int32_t b, int32_t *sums) {
    const int32_t size = f->size;
    const int32_t column_bytes = positions == 2 ? 2 * size : 0;
    sums[0] = sums[1] = f->bias == NULL ? 0 : f->bias[a];
    sums[2] = sums[3] = f->bias == NULL ? 0 : f->bias[b];
    if (f->weight_bits == 8) {
        const int8_t *weights_a = (const int8_t *)f->weights + a * size;
        const int8_t *weights_b = (const int8_t *)f->weights + b * size;
        rk_dsp_sum_bytes(columns, column_bytes, weights_a, weights_b, size / 4, sums);
        sum_last(f, columns, positions, weights_a, weights_b, sums);
        return;
    }
    const int32_t eights = (size - pass) / 8;
    int32_t sixteenfold[4] = {0, 0, 0, 0};
    rk_dsp_sum_nibbles(columns + pass, column_bytes, f->weights + (a * size + pass) / 2,
                       f->weights + (b * size + pass) / 2, eights, sixteenfold);
    for (int32_t sum = 0; sum < 4; sum++) sums[sum] = rk_wrapping_add(sums[sum], sixteenfold[sum] >> 4);
    sum_single(f, columns, positions, a, b, 0, pass, sums);
    sum_single(f, columns, positions, a, b, pass + 8 * eights, size, sums);
}

/* Two channels at a time; a last one goes with itself. */
void rk_dsp_run_filters(const rk_dsp_filters *f, int32_t pass, const int16_t *columns, int32_t positions,
                        int8_t *output) {
    const int32_t passes = rk_dsp_passes(f);
    const rk_run lane_run = rk_run_of_lane(&f->run, pass, passes);
    const int32_t channels = (f->channels - pass + passes - 1) / passes;
    int32_t sums[2 * CHANNELS_AT_ONCE];
    for (int32_t first = 0; first < channels; first += CHANNELS_AT_ONCE) {
        const int32_t count = rk_min(CHANNELS_AT_ONCE, channels - first);
        const rk_run run = rk_run_from(&lane_run, first);
        for (int32_t place = 0; place < count; place += 2) {
            const int32_t a = pass + (first + place) * passes;
            sum_channels(f, pass, columns, positions, a, place + 1 < count ? a + passes : a, sums + 2 * place);
        }
        for (int32_t position = 0; position < positions; position++) {
            int8_t *codes = output + position * f->channels + pass + first * passes;
            rk_requantize_run(&run, sums + position, count, codes);
        }
    }
}
