/* The rules against hand-worked vectors: gemmlowp's and TFLite's definitions, IEEE 754 ties, and the CRC's published check value. */
#include "rk_program.h"
#include "rk_requantize.h"
#include "rk_test_files.h"
#include "rk_weights.h"

static int failures;

static void expect(const char *what, int64_t input, int64_t seen, int64_t wanted) {
    if (seen == wanted) return;
    printf("%s of %lld: %lld, expected %lld\n", what, (long long)input, (long long)seen, (long long)wanted);
    failures++;
}

typedef struct vector {
    const char *name;
    uint8_t rule;
    int32_t multiplier;
    int32_t shift;
    int32_t expected[12];
} vector;

/* Accumulators times 1/4, zero point 0: every rule rounds them differently. */
static const int32_t quarter_inputs[12] = {-10, -7, -6, -5, -2, -1, 1, 2, 5, 6, 9, 10};
static const vector quarters[] = {
    {"double", RK_RULE_DOUBLE, 1 << 30, -1, {-3, -2, -2, -1, -1, 0, 1, 1, 2, 2, 3, 3}},
    {"single", RK_RULE_SINGLE, 1 << 30, -1, {-2, -2, -1, -1, 0, 0, 0, 1, 1, 2, 2, 3}},
    {"float32", RK_RULE_FLOAT32, 0x3E800000, 0, {-2, -2, -2, -1, 0, 0, 0, 0, 1, 2, 2, 2}},
    {"shift-half-up", RK_RULE_SHIFT_HALF_UP, 1, -2, {-2, -2, -1, -1, 0, 0, 0, 1, 1, 2, 2, 3}},
    {"shift-half-even", RK_RULE_SHIFT_HALF_EVEN, 1, -2, {-2, -2, -2, -1, 0, 0, 0, 0, 1, 2, 2, 2}},
    {"multiply-shift-floor", RK_RULE_MULTIPLY_SHIFT_FLOOR, 1, -2, {-3, -2, -2, -2, -1, -1, 0, 0, 1, 1, 2, 2}},
    {"reduced-16", RK_RULE_REDUCED_16, 1 << 30, -1, {-2, -2, -1, -1, 0, 0, 0, 1, 1, 2, 2, 3}},
};

static int32_t apply(uint8_t rule, int64_t accumulator, int32_t multiplier, int32_t shift) {
    const rk_epilogue epilogue = {0, INT16_MIN, INT16_MAX, rule};
    return rk_requantize(&epilogue, accumulator, multiplier, shift);
}

static void test_quarters(void) {
    for (size_t rule = 0; rule < sizeof quarters / sizeof *quarters; rule++) {
        const vector *v = &quarters[rule];
        for (int at = 0; at < 12; at++) {
            const int32_t seen = apply(v->rule, quarter_inputs[at], v->multiplier, v->shift);
            expect(v->name, quarter_inputs[at], seen, v->expected[at]);
        }
    }
}

static void test_primitives(void) {
    expect("doubling high multiply MIN*MIN", 0, rk_doubling_high_multiply(INT32_MIN, INT32_MIN), INT32_MAX);
    expect("doubling high multiply MIN*MAX", 0, rk_doubling_high_multiply(INT32_MIN, INT32_MAX), -2147483647);
    expect("doubling high multiply MAX*MAX", 0, rk_doubling_high_multiply(INT32_MAX, INT32_MAX), 2147483646);
    expect("rounding divide by 2^31", INT32_MIN, rk_rounding_divide(INT32_MIN, 31), -1);
    expect("rounding divide by 2^31", INT32_MAX, rk_rounding_divide(INT32_MAX, 31), 1);
    expect("rounding divide by 2^31", 1 << 30, rk_rounding_divide(1 << 30, 31), 1);
    expect("rounding divide by 2^31", -(1 << 30), rk_rounding_divide(-(1 << 30), 31), -1);
    expect("rounding divide by 2^31", -1, rk_rounding_divide(-1, 31), 0);
    expect("double with a left shift that wraps", 1 << 27, rk_multiply_double_rounding(1 << 27, 1 << 30, 5), 0);
    expect("reduced 16", 123456789, rk_multiply_reduced_16(123456789, 1518500250, -12), 21312);
    expect("double", 123456789, rk_multiply_double_rounding(123456789, 1518500250, -12), 21313);
    expect("half away", -7, rk_divide_half_away(-7, 2), -4);
    expect("half away", 2, rk_divide_half_away(2, 4), 1);
    expect("floor", -7, rk_divide_floor(-7, 2), -4);
    expect("floor", 7, rk_divide_floor(7, 2), 3);
    expect("saturating shift", 1, rk_saturating_shift_left(1, 31), INT32_MAX);
    expect("saturating shift", -1, rk_saturating_shift_left(-1, 31), INT32_MIN);
    expect("saturating shift", -2, rk_saturating_shift_left(-2, 31), INT32_MIN);
}

/* Scale 0.1 and 0.3: where the second rounding or the tie rule shows. */
static void test_distinguishing_vectors(void) {
    const int32_t tenth = 1717986918;
    expect("double * 0.1", -59995, apply(RK_RULE_DOUBLE, -59995, tenth, -3), -6000);
    expect("single * 0.1", -59995, apply(RK_RULE_SINGLE, -59995, tenth, -3), -5999);
    expect("float32 * 0.1", -59995, apply(RK_RULE_FLOAT32, -59995, 0x3DCCCCCD, 0), -6000);
    expect("double * 0.1", -59985, apply(RK_RULE_DOUBLE, -59985, tenth, -3), -5999);
    expect("float32 * 0.1", -59985, apply(RK_RULE_FLOAT32, -59985, 0x3DCCCCCD, 0), -5998);
    expect("double * 0.3", 1, apply(RK_RULE_DOUBLE, 1, 1288490189, -1), 1);
    expect("single * 0.3", 1, apply(RK_RULE_SINGLE, 1, 1288490189, -1), 0);
    expect("float32 above 2^24", 16777217, apply(RK_RULE_FLOAT32, 16777217, 0x39000000, 0), 2048);
}

/* A zero point is added after the rounding: 0.5 rounds to 0 and becomes 1, where rounding 1.5 would give 2. */
static void test_zero_point_after_rounding(void) {
    const rk_epilogue epilogue = {1, INT8_MIN, INT8_MAX, RK_RULE_FLOAT32};
    expect("float32 with zero point 1", 2, rk_requantize(&epilogue, 2, 0x3E800000, 0), 1);
}

static void test_weights(void) {
    const uint8_t nibbles[3] = {0x21, 0xF8, 0x07};
    const int8_t wanted[5] = {1, 2, -8, -1, 7};
    int8_t codes[5];
    rk_unpack_weights(nibbles, 4, 0, 5, codes);
    for (int at = 0; at < 5; at++) {
        expect("unpacked nibble", at, codes[at], wanted[at]);
        expect("nibble", at, rk_weight_at(nibbles, 4, at), wanted[at]);
    }
    rk_unpack_weights(nibbles, 4, 1, 3, codes);
    for (int at = 0; at < 3; at++) expect("nibble of an odd start", at, codes[at], wanted[at + 1]);
    const uint8_t pairs[1] = {0xE4};
    const int8_t two_bits[4] = {0, 1, -2, -1};
    for (int at = 0; at < 4; at++) expect("two bits", at, rk_weight_at(pairs, 2, at), two_bits[at]);
}

int main(void) {
    test_quarters();
    test_primitives();
    test_distinguishing_vectors();
    test_zero_point_after_rounding();
    test_weights();
    expect("CRC-32 of 123456789", 0, rk_crc32((const uint8_t *)"123456789", 9, 0), 0xCBF43926);
    expect("CRC-32 in two parts", 0, rk_crc32((const uint8_t *)"56789", 5, rk_crc32((const uint8_t *)"1234", 4, 0)),
           0xCBF43926);
    return failures == 0 ? 0 : 1;
}
