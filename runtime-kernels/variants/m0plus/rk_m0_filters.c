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
 * Every `lanes`th channel from `lane` on, two at a time; a last one goes with itself. Filters of an odd number of 4-bit weights start
 * in a byte's middle every other time, so those run in two lanes, each of filters that start alike.
 */
static void run_lane(const rk_m0_filters *f, const uint32_t *words, int32_t lane, int32_t lanes, int8_t *output,
                     int32_t positions) {
    const rk_run lane_run = rk_run_of_lane(&f->run, lane, lanes);
    const int32_t channels = (f->channels - lane + lanes - 1) / lanes;
    int32_t sums[2 * CHANNELS_AT_ONCE];
    for (int32_t first = 0; first < channels; first += CHANNELS_AT_ONCE) {
        const int32_t count = rk_min(CHANNELS_AT_ONCE, channels - first);
        const rk_run run = rk_run_from(&lane_run, first);
        for (int32_t place = 0; place < count; place += 2) {
            const int32_t a = lane + (first + place) * lanes;
            sum_channels(f, words, a, place + 1 < count ? a + lanes : a, sums + 2 * place);
        }
        for (int32_t position = 0; position < positions; position++) {
            int8_t *codes = output + position * f->channels + lane + first * lanes;
            rk_requantize_run(&run, sums + position, count, codes);
        }
    }
}

void rk_m0_run_filters(const rk_m0_filters *f, uint32_t *pairs, int8_t *output, int32_t positions) {
    const int32_t lanes = f->weight_bits == 4 && f->size % 2 != 0 ? 2 : 1;
    if (f->weight_bits == 4) {
        for (int32_t tap = 0; tap < f->size; tap++) pairs[tap] = rk_sum_word(pairs[tap]);
    }
    for (int32_t lane = 0; lane < lanes; lane++) run_lane(f, pairs, lane, lanes, output, positions);
}
