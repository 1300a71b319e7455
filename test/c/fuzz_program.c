/*
 * Mutation fuzzing of program.bin: `fuzz_program CASES ROUNDS SEED`. Takes the programs of a file of run_cases, changes a few bytes or
 * words of each, repairs the checksum, and opens the result; what is accepted must run without a sanitizer's complaint, every
 * tensor in an allocation of its own. Prints how many were accepted and refused.
 */
#include <string.h>

#include "rk_program.h"
#include "rk_test_files.h"

enum { ARENA_BYTES_MAX = 1 << 20, CHANGES_MAX = 4 };

static uint32_t state;

static uint32_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static const uint32_t hostile_words[] = {0u, 1u, 2u, 3u, 0x7Fu, 0x80u, 0xFFFFu, 0x10000u, 0x7FFFFFFFu, 0x80000000u,
                                         0xFFFFFFFFu, 0xFFFFFFFEu, 0x40000000u, 0x3FFFFFFFu, 65535u, 32768u};

static void write_u32(uint8_t *bytes, uint32_t value) {
    for (int at = 0; at < 4; at++) bytes[at] = (uint8_t)(value >> (8 * at));
}

/* Most changes hit the records, where the meaning is: everything before the constants. */
static void mutate(uint8_t *bytes, uint32_t size) {
    const uint32_t constants = test_read_u32(bytes + 52);
    const uint32_t changes = 1 + next_random() % CHANGES_MAX;
    for (uint32_t change = 0; change < changes; change++) {
        const uint32_t range = next_random() % 8 == 0 ? size : constants;
        const uint32_t at = 16 + next_random() % (range - 16);
        const uint32_t word = at & ~3u;
        switch (next_random() % 4) {
        case 0:
            bytes[at] = (uint8_t)next_random();
            break;
        case 1:
            bytes[at] ^= (uint8_t)(1u << (next_random() % 8));
            break;
        case 2:
            write_u32(bytes + word, hostile_words[next_random() % (sizeof hostile_words / sizeof *hostile_words)]);
            break;
        default:
            write_u32(bytes + word, test_read_u32(bytes + word) + next_random() % 9 - 4);
            break;
        }
    }
    write_u32(bytes + 12, rk_crc32(bytes + 16, size - 16, 0));
}

static void run_all(const rk_program *program) {
    const rk_header *header = program->header;
    void **tensors = calloc(header->tensor_count, sizeof(void *));
    for (uint32_t index = 0; index < header->tensor_count; index++) {
        const uint32_t size_bytes = rk_program_tensor(program, index)->size_bytes;
        tensors[index] = memset(test_allocate(size_bytes), (int)(next_random() & 255u), size_bytes);
    }
    void *scratch = test_allocate(header->scratch_bytes);
    for (uint32_t index = 0; index < header->operation_count; index++) {
        const rk_status status = rk_operation_run(program, index, tensors, scratch);
        if (status != RK_OK && status != RK_ERROR_INDEX) abort();
    }
    for (uint32_t index = 0; index < header->tensor_count; index++) free(tensors[index]);
    free(tensors);
    free(scratch);
    uint8_t *arena = memset(test_allocate(header->arena_bytes), 0x5A, header->arena_bytes);
    (void)rk_program_run(program, arena);
    free(arena);
}

/* Whether the mutated program was accepted. */
static int fuzz_one(const uint8_t *original, uint32_t size) {
    uint8_t *bytes = test_copy(original, size);
    mutate(bytes, size);
    /* Now and then a torn file: the declared length no longer fits. */
    const uint32_t given = next_random() % 32 == 0 ? next_random() % (size + 1) : size;
    rk_program program;
    const int accepted = rk_program_open(&program, bytes, given) == RK_OK;
    if (accepted && program.header->arena_bytes <= ARENA_BYTES_MAX) run_all(&program);
    free(bytes);
    return accepted;
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
    size_t size = 0;
    uint8_t *cases = test_read_file(arguments[1], &size);
    const long rounds = strtol(arguments[2], NULL, 10);
    state = (uint32_t)strtoul(arguments[3], NULL, 10) | 1u;
    long accepted = 0;
    long refused = 0;
    for (size_t at = 0; at < size;) {
        const uint32_t program_bytes = test_read_u32(cases + at);
        const uint32_t input_bytes = test_read_u32(cases + at + 4);
        for (long round = 0; round < rounds; round++) {
            if (fuzz_one(cases + at + 8, program_bytes)) {
                accepted++;
            } else {
                refused++;
            }
        }
        at += 8 + (size_t)program_bytes + input_bytes;
    }
    free(cases);
    printf("{\"accepted\":%ld,\"refused\":%ld}\n", accepted, refused);
    return 0;
}
