/*
 * Runs many programs in one process: `run_cases CASES ANSWERS`. CASES holds one record per case: u32 programBytes, u32 inputBytes,
 * the program, the codes of all its inputs one after the other. ANSWERS gets per case: i32 status, u32 outputBytes, the outputs.
 * Each operation runs on tensors of its own allocation, so that a sanitizer sees any access outside a tensor; then the program runs
 * once more in an arena, which must give the same outputs.
 */
#include <string.h>

#include "rk_program.h"
#include "rk_test_files.h"

typedef struct run {
    rk_program program;
    void **tensors;
    uint8_t *arena;
    void *scratch;
} run;

/* A tensor that is never written but read is a view of the last tensor written at its place. */
static void alias_views(run *r, const rk_operation *operation) {
    for (uint32_t input = 0; input < operation->input_count; input++) {
        const rk_tensor *wanted = rk_program_tensor(&r->program, operation->inputs[input]);
        if (r->tensors[operation->inputs[input]] != NULL) continue;
        for (uint32_t other = 0; other < r->program.header->tensor_count; other++) {
            const rk_tensor *tensor = rk_program_tensor(&r->program, other);
            if (r->tensors[other] != NULL && tensor->arena_offset == wanted->arena_offset &&
                tensor->size_bytes == wanted->size_bytes) {
                r->tensors[operation->inputs[input]] = test_copy(r->tensors[other], wanted->size_bytes);
            }
        }
    }
}

static void *tensor_memory(run *r, uint32_t index) {
    if (r->tensors[index] == NULL) {
        const uint32_t size = rk_program_tensor(&r->program, index)->size_bytes;
        r->tensors[index] = memset(test_allocate(size), 0x55, size);
    }
    return r->tensors[index];
}

static rk_status run_separately(run *r) {
    for (uint32_t index = 0; index < r->program.header->operation_count; index++) {
        const rk_operation *operation = rk_program_operation(&r->program, index);
        alias_views(r, operation);
        for (uint32_t input = 0; input < operation->input_count; input++) tensor_memory(r, operation->inputs[input]);
        tensor_memory(r, operation->output);
        const rk_status status = rk_operation_run(&r->program, index, r->tensors, r->scratch);
        if (status != RK_OK) return status;
    }
    return RK_OK;
}

static void set_inputs(run *r, const uint8_t *codes, uint32_t input_bytes) {
    uint32_t at = 0;
    for (uint32_t port = 0; port < r->program.header->input_count; port++) {
        const uint16_t index = rk_program_input(&r->program, port);
        const rk_tensor *tensor = rk_program_tensor(&r->program, index);
        if (tensor->size_bytes > input_bytes - at) exit(2);
        memcpy(tensor_memory(r, index), codes + at, tensor->size_bytes);
        memcpy(r->arena + tensor->arena_offset, codes + at, tensor->size_bytes);
        at += tensor->size_bytes;
    }
}

static void write_u32(FILE *file, uint32_t value) {
    const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
    fwrite(bytes, 1, 4, file);
}

static void write_outputs(run *r, FILE *answers) {
    uint32_t output_bytes = 0;
    for (uint32_t port = 0; port < r->program.header->output_count; port++) {
        output_bytes += rk_program_tensor(&r->program, rk_program_output(&r->program, port))->size_bytes;
    }
    write_u32(answers, output_bytes);
    for (uint32_t port = 0; port < r->program.header->output_count; port++) {
        const uint16_t index = rk_program_output(&r->program, port);
        const rk_tensor *tensor = rk_program_tensor(&r->program, index);
        if (memcmp(tensor_memory(r, index), r->arena + tensor->arena_offset, tensor->size_bytes) != 0) {
            fprintf(stderr, "the arena and separate tensors disagree on output %u\n", port);
            exit(3);
        }
        fwrite(r->tensors[index], 1, tensor->size_bytes, answers);
    }
}

static void release(run *r) {
    for (uint32_t index = 0; index < r->program.header->tensor_count; index++) free(r->tensors[index]);
    free(r->tensors);
    free(r->arena);
    free(r->scratch);
}

static void run_case(const uint8_t *program, uint32_t program_bytes, const uint8_t *codes, uint32_t input_bytes,
                     FILE *answers) {
    uint8_t *bytes = test_copy(program, program_bytes);
    run r;
    rk_status status = rk_program_open(&r.program, bytes, program_bytes);
    if (status == RK_OK) {
        r.tensors = calloc(r.program.header->tensor_count, sizeof(void *));
        r.arena = test_allocate(r.program.header->arena_bytes);
        r.scratch = test_allocate(r.program.header->scratch_bytes);
        set_inputs(&r, codes, input_bytes);
        status = run_separately(&r);
        const rk_status in_arena = rk_program_run(&r.program, r.arena);
        if (in_arena != status) exit(3);
    }
    write_u32(answers, (uint32_t)status);
    if (status == RK_OK) {
        write_outputs(&r, answers);
    } else {
        write_u32(answers, 0);
    }
    if (status == RK_OK || status == RK_ERROR_INDEX) release(&r);
    free(bytes);
}

int main(int count, char **arguments) {
    if (count != 3) return 2;
    size_t size = 0;
    uint8_t *cases = test_read_file(arguments[1], &size);
    FILE *answers = fopen(arguments[2], "wb");
    if (answers == NULL) return 2;
    for (size_t at = 0; at < size;) {
        const uint32_t program_bytes = test_read_u32(cases + at);
        const uint32_t input_bytes = test_read_u32(cases + at + 4);
        run_case(cases + at + 8, program_bytes, cases + at + 8 + program_bytes, input_bytes, answers);
        at += 8 + (size_t)program_bytes + input_bytes;
    }
    free(cases);
    return fclose(answers) == 0 ? 0 : 2;
}
