/* Filters over two positions; see rk_m0_filters.h. */
#include "rk_m0_filters.h"

#include "rk_pair_products.h"
#include "rk_weights.h"

enum { CHANNELS_AT_ONCE = 16 };

/* One weight of 4 bits on a sum word. */
static void single_product(uint32_t word, const uint8_t *weights, int32_t index, int32_t *sums) {
    const int32_t weight = rk_weight_at(weights, 4, index);
    rk_split_pair_sum(word * (uint32_t)weight, sums);
}

/* 4-bit channels whose first weights lie at `a` and `b` of the flat tensor, both at a byte's start or both in its middle. */
static RK_NOINLINE void products_nibbles(const uint32_t *words, const uint8_t *weights, int32_t a, int32_t b,
                                         int32_t size, int32_t *sums) {
    const int32_t skipped = a & 1;
    const int32_t bytes = (size - skipped) / 2;
    if (skipped) {
        single_product(words[0], weights, a, sums);
        single_product(words[0], weights, b, sums + 2);
    }
    if (bytes > 0) {
        rk_pair_products_nibbles(words + skipped, weights + (a + skipped) / 2, weights + (b + skipped) / 2, bytes, sums);
    }
    for (int32_t tap = skipped + 2 * bytes; tap < size; tap++) {
        single_product(words[tap], weights, a + tap, sums);
        single_product(words[tap], weights, b + tap, sums + 2);
    }
}

/* Sums {a position 0, a 1, b 0, b 1} of two channels. */
static RK_NOINLINE void sum_channels(const rk_m0_filters *f, const uint32_t *words, int32_t a, int32_t b,
                                     int32_t *sums) {
    sums[0] = sums[1] = f->bias == NULL ? 0 : f->bias[a];
    sums[2] = sums[3] = f->bias == NULL ? 0 : f->bias[b];
    if (f->weight_bits == 8) {
        const int8_t *weights = (const int8_t *)f->weights;
        rk_pair_products_bytes(words, weights + a * f->size, weights + b * f->size, f->size, sums);
    } else {
        products_nibbles(words, f->weights, a * f->size, b * f->size, f->size, sums);
    }
}

/*
 * The sums of `count` channels from `first` on, two each. Filters of an odd number of 4-bit weights start in a byte's middle every
 * other time, so those go in twos that are two apart; a last channel goes with itself.
 */
static void sum_group(const rk_m0_filters *f, const uint32_t *words, int32_t first, int32_t count, int32_t *sums) {
    const int32_t apart = f->weight_bits == 4 && f->size % 2 != 0 ? 2 : 1;
    for (int32_t group = 0; group < count; group += 2 * apart) {
        for (int32_t a = group; a < count && a < group + apart; a++) {
            const int32_t b = a + apart < count ? a + apart : a;
            int32_t both[4];
            sum_channels(f, words, first + a, first + b, both);
            sums[2 * a] = both[0];
            sums[2 * a + 1] = both[1];
            sums[2 * b] = both[2];
            sums[2 * b + 1] = both[3];
        }
    }
}

void rk_m0_run_filters(const rk_m0_filters *f, uint32_t *pairs, int8_t *output, int32_t positions) {
    int32_t sums[2 * CHANNELS_AT_ONCE];
    if (f->weight_bits == 4) {
        for (int32_t tap = 0; tap < f->size; tap++) pairs[tap] = rk_sum_word(pairs[tap]);
    }
    for (int32_t first = 0; first < f->channels; first += CHANNELS_AT_ONCE) {
        const int32_t count = rk_min(CHANNELS_AT_ONCE, f->channels - first);
        sum_group(f, pairs, first, count, sums);
        for (int32_t position = 0; position < positions; position++) {
            rk_m0_requantize(&f->run, first, sums + position, count, output + position * f->channels + first);
        }
    }
}
