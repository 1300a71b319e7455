/*
 * Elementwise kernels as tables that the plain kernels fill: 256 entries for one int8 input, 65536 for two. What a table holds is the
 * plain result by construction, for every rule.
 */
#include <wasm_simd128.h>

#include "rk_opcodes.h"
#include "rk_parameters.h"
#include "rkw_variant.h"

enum { CODES = 256 };

static int plan_pair(const rk_operation *operation, rkw_sizes *sizes) {
    const rkw_sizes found = {CODES * CODES, 0};
    *sizes = found;
    return operation->dtype == RK_DTYPE_INT8;
}

static int plan_single(const rk_operation *operation, rkw_sizes *sizes) {
    const rkw_sizes found = {CODES, 0};
    *sizes = found;
    return operation->dtype == RK_DTYPE_INT8;
}

/* Row a of the table: the plain kernel on 256 times `a` and on every b. Indices are the codes' bytes. */
static void pack_pair(const rk_operation *operation, const void *parameters, uint8_t *table) {
    uint8_t first[CODES];
    uint8_t second[CODES];
    for (int32_t code = 0; code < CODES; code++) second[code] = (uint8_t)code;
    rk_call call = {operation, parameters, {first, second}, NULL, NULL, NULL};
    for (int32_t a = 0; a < CODES; a++) {
        for (int32_t b = 0; b < CODES; b++) first[b] = (uint8_t)a;
        call.output = table + a * CODES;
        rk_kernel_find(operation->opcode)->run(&call);
    }
}

static void pack_add(const rk_operation *operation, const uint8_t *constants, void *packed) {
    (void)constants;
    rk_add_parameters p = *(const rk_add_parameters *)(const void *)(operation + 1);
    p.elements = CODES;
    p.input2_elements = CODES;
    pack_pair(operation, &p, packed);
}

static void pack_mul(const rk_operation *operation, const uint8_t *constants, void *packed) {
    (void)constants;
    rk_mul_parameters p = *(const rk_mul_parameters *)(const void *)(operation + 1);
    p.elements = CODES;
    p.input2_elements = CODES;
    pack_pair(operation, &p, packed);
}

static void pack_requantize(const rk_operation *operation, const uint8_t *constants, void *packed) {
    (void)constants;
    rk_requantize_parameters p = *(const rk_requantize_parameters *)(const void *)(operation + 1);
    uint8_t codes[CODES];
    for (int32_t code = 0; code < CODES; code++) codes[code] = (uint8_t)code;
    p.elements = CODES;
    const rk_call call = {operation, &p, {codes}, packed, NULL, NULL};
    rk_kernel_find(operation->opcode)->run(&call);
}

#define LOOK_UP(pairs, lane) output[lane] = table[wasm_u16x8_extract_lane(pairs, lane)]

/* Eight results; the halves of `pairs` are table indices. */
static inline void look_up_8(const uint8_t *table, v128_t pairs, uint8_t *output) {
    LOOK_UP(pairs, 0);
    LOOK_UP(pairs, 1);
    LOOK_UP(pairs, 2);
    LOOK_UP(pairs, 3);
    LOOK_UP(pairs, 4);
    LOOK_UP(pairs, 5);
    LOOK_UP(pairs, 6);
    LOOK_UP(pairs, 7);
}

static void look_up(const uint8_t *table, const uint8_t *first, const uint8_t *second, uint32_t count,
                    uint8_t *output) {
    uint32_t index = 0;
    for (; index + 8 <= count; index += 8) {
        const v128_t a = wasm_v128_load64_zero(first + index);
        const v128_t b = wasm_v128_load64_zero(second + index);
        look_up_8(table, wasm_i8x16_shuffle(b, a, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
                  output + index);
    }
    for (; index < count; index++) output[index] = table[(uint32_t)first[index] << 8 | second[index]];
}

/* Where the shorter input ends it starts again. */
static void run_pair(const rkw_batch *batch) {
    const uint8_t *table = batch->packed;
    const uint32_t period = batch->input_bytes[1];
    for (uint32_t sample = 0; sample < batch->samples; sample++) {
        const uint8_t *first = batch->inputs[0] + sample * batch->input_bytes[0];
        const uint8_t *second = batch->inputs[1] + sample * period;
        uint8_t *output = batch->output + sample * batch->output_bytes;
        for (uint32_t start = 0; start < batch->output_bytes; start += period) {
            look_up(table, first + start, second, period, output + start);
        }
    }
}

static void run_single(const rkw_batch *batch) {
    const uint8_t *table = batch->packed;
    const uint32_t count = batch->samples * batch->output_bytes;
    for (uint32_t index = 0; index < count; index++) batch->output[index] = table[batch->inputs[0][index]];
}

const rkw_variant rkw_add_variant = {plan_pair, pack_add, run_pair};
const rkw_variant rkw_mul_variant = {plan_pair, pack_mul, run_pair};
const rkw_variant rkw_requantize_variant = {plan_single, pack_requantize, run_single};
