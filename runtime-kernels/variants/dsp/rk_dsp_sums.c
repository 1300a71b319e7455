/* The inner loops of filters with the DSP extension; see rk_dsp_sums.h. All fourteen registers are in use: hence assembly. */
#include "rk_dsp_sums.h"

#include "rk_dsp.h"

/* Cores with the vector extension take rk_dsp_sums_mve.c. */
#if defined(__ARM_FEATURE_DSP) && !defined(__ARM_FEATURE_MVE)

/* 20 instructions for 16 products. */
void rk_dsp_sum_bytes(const int16_t *columns, int32_t column_bytes, const int8_t *a, const int8_t *b, int32_t groups,
            int32_t *sums) {
    int32_t a0 = sums[0], a1 = sums[1], b0 = sums[2], b1 = sums[3];
    uint32_t x, y, wa, wb, w;
    if (groups == 0) return;
    __asm volatile(
        "1: ldr %[y], [%[column], %[step]]\n"
        "ldr %[x], [%[column]], #4\n"
        "ldr %[wa], [%[a]], #4\n"
        "ldr %[wb], [%[b]], #4\n"
        "sxtb16 %[w], %[wa]\n"
        "smlad %[a0], %[w], %[x], %[a0]\n"
        "smlad %[a1], %[w], %[y], %[a1]\n"
        "sxtb16 %[w], %[wb]\n"
        "smlad %[b0], %[w], %[x], %[b0]\n"
        "smlad %[b1], %[w], %[y], %[b1]\n"
        "ldr %[y], [%[column], %[step]]\n"
        "ldr %[x], [%[column]], #4\n"
        "sxtb16 %[wa], %[wa], ror #8\n"
        "smlad %[a0], %[wa], %[x], %[a0]\n"
        "smlad %[a1], %[wa], %[y], %[a1]\n"
        "sxtb16 %[wb], %[wb], ror #8\n"
        "smlad %[b0], %[wb], %[x], %[b0]\n"
        "smlad %[b1], %[wb], %[y], %[b1]\n"
        "subs %[groups], #1\n"
        "bne 1b\n"
        : [column] "+r"(columns), [a] "+r"(a), [b] "+r"(b), [groups] "+r"(groups), [a0] "+r"(a0), [a1] "+r"(a1),
          [b0] "+r"(b0), [b1] "+r"(b1), [x] "=&r"(x), [y] "=&r"(y), [wa] "=&r"(wa), [wb] "=&r"(wb), [w] "=&r"(w)
        : [step] "r"(column_bytes)
        : "cc", "memory");
    sums[0] = a0, sums[1] = a1, sums[2] = b0, sums[3] = b1;
}

/* 44 instructions for 32 products. A nibble in the upper half of its byte is sixteen times its value. */
void rk_dsp_sum_nibbles(const int16_t *columns, int32_t column_bytes, const uint8_t *a, const uint8_t *b, int32_t groups,
            int32_t *sums) {
    int32_t a0 = sums[0], a1 = sums[1], b0 = sums[2], b1 = sums[3];
    uint32_t x, y, wa, wb, w;
    if (groups == 0) return;
    __asm volatile(
        "1:\n"
        "ldr %[wa], [%[a]]\n"
        "ldr %[wb], [%[b]]\n"
        "lsls %[wa], %[wa], #4\n"
        "lsls %[wb], %[wb], #4\n"
        "and %[wa], %[wa], #0xF0F0F0F0\n"
        "and %[wb], %[wb], #0xF0F0F0F0\n"
        "ldr %[y], [%[column], %[step]]\n"
        "ldr %[x], [%[column]], #4\n"
        "sxtb16 %[w], %[wa]\n"
        "smlad %[a0], %[w], %[x], %[a0]\n"
        "smlad %[a1], %[w], %[y], %[a1]\n"
        "sxtb16 %[w], %[wb]\n"
        "smlad %[b0], %[w], %[x], %[b0]\n"
        "smlad %[b1], %[w], %[y], %[b1]\n"
        "ldr %[y], [%[column], %[step]]\n"
        "ldr %[x], [%[column]], #4\n"
        "sxtb16 %[wa], %[wa], ror #8\n"
        "smlad %[a0], %[wa], %[x], %[a0]\n"
        "smlad %[a1], %[wa], %[y], %[a1]\n"
        "sxtb16 %[wb], %[wb], ror #8\n"
        "smlad %[b0], %[wb], %[x], %[b0]\n"
        "smlad %[b1], %[wb], %[y], %[b1]\n"
        "ldr %[wa], [%[a]], #4\n"
        "ldr %[wb], [%[b]], #4\n"
        "and %[wa], %[wa], #0xF0F0F0F0\n"
        "and %[wb], %[wb], #0xF0F0F0F0\n"
        "ldr %[y], [%[column], %[step]]\n"
        "ldr %[x], [%[column]], #4\n"
        "sxtb16 %[w], %[wa]\n"
        "smlad %[a0], %[w], %[x], %[a0]\n"
        "smlad %[a1], %[w], %[y], %[a1]\n"
        "sxtb16 %[w], %[wb]\n"
        "smlad %[b0], %[w], %[x], %[b0]\n"
        "smlad %[b1], %[w], %[y], %[b1]\n"
        "ldr %[y], [%[column], %[step]]\n"
        "ldr %[x], [%[column]], #4\n"
        "sxtb16 %[wa], %[wa], ror #8\n"
        "smlad %[a0], %[wa], %[x], %[a0]\n"
        "smlad %[a1], %[wa], %[y], %[a1]\n"
        "sxtb16 %[wb], %[wb], ror #8\n"
        "smlad %[b0], %[wb], %[x], %[b0]\n"
        "smlad %[b1], %[wb], %[y], %[b1]\n"
        "subs %[groups], #1\n"
        "bne 1b\n"
        : [column] "+r"(columns), [a] "+r"(a), [b] "+r"(b), [groups] "+r"(groups), [a0] "+r"(a0), [a1] "+r"(a1),
          [b0] "+r"(b0), [b1] "+r"(b1), [x] "=&r"(x), [y] "=&r"(y), [wa] "=&r"(wa), [wb] "=&r"(wb), [w] "=&r"(w)
        : [step] "r"(column_bytes)
        : "cc", "memory");
    sums[0] = a0, sums[1] = a1, sums[2] = b0, sums[3] = b1;
}

#elif !defined(__ARM_FEATURE_MVE)

/* One pair of differences of both columns times one pair of weights of both channels. */
static void multiply(const uint8_t *column, int32_t column_bytes, uint32_t a, uint32_t b, int32_t *sums) {
    const uint32_t x = rk_load_word(column);
    const uint32_t y = rk_load_word(column + column_bytes);
    sums[0] = rk_multiply_pairs(a, x, sums[0]);
    sums[1] = rk_multiply_pairs(a, y, sums[1]);
    sums[2] = rk_multiply_pairs(b, x, sums[2]);
    sums[3] = rk_multiply_pairs(b, y, sums[3]);
}

void rk_dsp_sum_bytes(const int16_t *columns, int32_t column_bytes, const int8_t *a, const int8_t *b, int32_t groups,
                      int32_t *sums) {
    const uint8_t *column = (const uint8_t *)columns;
    for (; groups > 0; groups--, a += 4, b += 4, column += 8) {
        const uint32_t word_a = rk_load_word(a);
        const uint32_t word_b = rk_load_word(b);
        multiply(column, column_bytes, rk_even_bytes(word_a), rk_even_bytes(word_b), sums);
        multiply(column + 4, column_bytes, rk_odd_bytes(word_a), rk_odd_bytes(word_b), sums);
    }
}

void rk_dsp_sum_nibbles(const int16_t *columns, int32_t column_bytes, const uint8_t *a, const uint8_t *b,
                        int32_t groups, int32_t *sums) {
    const uint32_t upper = 0xF0F0F0F0u;
    const uint8_t *column = (const uint8_t *)columns;
    for (; groups > 0; groups--, a += 4, b += 4, column += 16) {
        const uint32_t word_a = rk_load_word(a);
        const uint32_t word_b = rk_load_word(b);
        const uint32_t low_a = word_a << 4 & upper, low_b = word_b << 4 & upper;
        const uint32_t high_a = word_a & upper, high_b = word_b & upper;
        multiply(column, column_bytes, rk_even_bytes(low_a), rk_even_bytes(low_b), sums);
        multiply(column + 4, column_bytes, rk_odd_bytes(low_a), rk_odd_bytes(low_b), sums);
        multiply(column + 8, column_bytes, rk_even_bytes(high_a), rk_even_bytes(high_b), sums);
        multiply(column + 12, column_bytes, rk_odd_bytes(high_a), rk_odd_bytes(high_b), sums);
    }
}

#endif
