/*
 * The host's door to the kernels, compiled to WebAssembly only. TypeScript plans the memory and passes addresses; one call runs one
 * operation over many samples that lie one after the other. Nothing is allocated here and nothing is global.
 */
#include "rk_kernel.h"
#include "rk_program.h"
#include "rkw_narrow.h"
#include "rkw_tile.h"
#include "rkw_variant.h"

#define EXPORT(name) __attribute__((export_name(#name)))

EXPORT(programStructBytes) uint32_t rkw_program_struct_bytes(void) {
    return sizeof(rk_program);
}

EXPORT(openProgram) int32_t rkw_open_program(rk_program *program, const uint8_t *bytes, uint32_t size) {
    return rk_program_open(program, bytes, size);
}

/* Whether this engine multiplies narrow codes exactly: what the relaxed build needs to be used. */
EXPORT(narrowIsExact) int32_t rkw_narrow_self_check(void) {
    return rkw_narrow_is_exact();
}

/* Whether the operation would pass its check with a constants section of `constants_bytes` bytes. */
static int fits(const rk_program *program, const rk_operation *operation, uint32_t constants_bytes) {
    rk_check check;
    for (uint32_t input = 0; input < RK_INPUTS_MAX; input++) {
        check.inputs[input] =
            input < operation->input_count ? &program->tensors[operation->inputs[input]] : NULL;
    }
    check.operation = operation;
    check.parameters = operation + 1;
    check.output = &program->tensors[operation->output];
    check.constants = program->constants;
    check.constants_bytes = constants_bytes;
    check.scratch_bytes = 0;
    return rk_kernel_find(operation->opcode)->check(&check) == RK_OK;
}

/*
 * Where the last constant of an operation ends, in bytes from the start of the constants section: the shortest section with which the
 * operation still passes its own check. So the change detection of the host needs no second table of constant sizes. `guess` is the
 * answer of an earlier program, or 0; it only saves time.
 */
EXPORT(constantsEnd) uint32_t rkw_constants_end(const rk_program *program, uint32_t index, uint32_t guess) {
    const rk_operation *operation = rk_program_operation(program, index);
    uint32_t low = 0;
    uint32_t high = program->header->constants_bytes;
    if (guess > 0 && guess <= high && fits(program, operation, guess)) {
        high = guess;
        if (!fits(program, operation, guess - 1)) return guess;
    }
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (fits(program, operation, middle)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/*
 * Runs operation `index` on `samples` samples with the plain kernels. `tensors` has one address per tensor of the program: of its
 * first sample; the next one starts size_bytes later. `scratch` has header->scratch_bytes bytes.
 */
EXPORT(runPlain)
int32_t rkw_run_plain(const rk_program *program, uint32_t index, uint8_t *const *tensors, void *scratch,
                      uint32_t samples) {
    const rk_operation *operation = rk_program_operation(program, index);
    const rk_kernel *kernel = rk_kernel_find(operation->opcode);
    rk_call call = {operation, operation + 1, {NULL}, tensors[operation->output], program->constants, scratch};
    for (uint32_t input = 0; input < operation->input_count; input++) call.inputs[input] = tensors[operation->inputs[input]];
    for (uint32_t sample = 0; sample < samples; sample++) {
        const rk_status status = kernel->run(&call);
        if (status != RK_OK) return status;
        for (uint32_t input = 0; input < operation->input_count; input++) {
            call.inputs[input] = (const uint8_t *)call.inputs[input] + program->tensors[operation->inputs[input]].size_bytes;
        }
        call.output = (uint8_t *)call.output + program->tensors[operation->output].size_bytes;
    }
    return RK_OK;
}

/* Whether operation `index` has a fast variant; its sizes go to sizes[0] (packed bytes) and sizes[1] (workspace bytes). */
EXPORT(planFast) int32_t rkw_plan_fast(const rk_program *program, uint32_t index, rkw_sizes *sizes) {
    const rk_operation *operation = rk_program_operation(program, index);
    const rkw_variant *variant = rkw_variant_find(operation->opcode);
    return variant != NULL && variant->plan(operation, sizes);
}

/* Packs the constants of an operation that planFast covers. */
EXPORT(packFast) void rkw_pack_fast(const rk_program *program, uint32_t index, void *packed) {
    const rk_operation *operation = rk_program_operation(program, index);
    rkw_variant_find(operation->opcode)->pack(operation, program->constants, packed);
}

/* As runPlain, for an operation whose constants are packed. */
EXPORT(runFast)
void rkw_run_fast(const rk_program *program, uint32_t index, uint8_t *const *tensors, const void *packed,
                  uint8_t *workspace, uint32_t samples) {
    const rk_operation *operation = rk_program_operation(program, index);
    rkw_batch batch = {.operation = operation,
                       .parameters = operation + 1,
                       .output = tensors[operation->output],
                       .output_bytes = program->tensors[operation->output].size_bytes,
                       .samples = samples,
                       .constants = program->constants,
                       .packed = packed,
                       .workspace = workspace};
    for (uint32_t input = 0; input < operation->input_count; input++) {
        batch.inputs[input] = tensors[operation->inputs[input]];
        batch.input_bytes[input] = program->tensors[operation->inputs[input]].size_bytes;
    }
    rkw_variant_find(operation->opcode)->run(&batch);
}

/*
 * sums[row][8] = products of int16 rows, `row_bytes` apart, with eight columns laid out for the tile; all of them exact while they fit 32
 * bits. The rounding of weights takes the moments of a layer's inputs with it. `rows` is a multiple of RKW_ROWS.
 */
EXPORT(multiplyRows)
void rkw_multiply(const uint8_t *base, int32_t row_bytes, int32_t rows, const uint8_t *columns, int32_t steps,
                  int32_t *sums) {
    static const int32_t zero[RKW_COLUMNS];
    rkw_multiply_rows(base, row_bytes, rows, columns, steps, zero, sums);
}
