/*
 * The packed program (docs/blob-format.md, version 1) as the runtime sees it: a zero-copy view of its bytes. rk_program_open checks
 * everything once, so that kernels never validate; rk_program_run interprets it. Nothing here allocates, and nothing is global.
 *
 * The bytes must stay where they are, unchanged, while the program is in use. Machines are little-endian.
 */
#ifndef RK_PROGRAM_H
#define RK_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "rk_status.h"

enum {
    RK_ALIGNMENT = 16,      /* of the program bytes, of the arena, and of every tensor and constant in them */
    RK_INPUTS_MAX = 7,      /* inputs of one operation */
    RK_PORTS_MAX = 8,       /* inputs or outputs of a program */
    RK_TENSORS_MAX = 4096,
    RK_OPERATIONS_MAX = 4096
};

#define RK_NO_TENSOR 0xFFFFu
#define RK_NO_CONSTANT 0xFFFFFFFFu

/* Header of the blob. */
typedef struct rk_header {
    uint32_t magic;
    uint16_t version;
    uint16_t header_bytes;
    uint32_t total_bytes;
    uint32_t crc;
    uint16_t profile;
    uint16_t profile_version;
    uint16_t tensor_count;
    uint16_t operation_count;
    uint16_t input_count;
    uint16_t output_count;
    uint32_t arena_bytes;   /* scratch included */
    uint32_t scratch_bytes; /* the end of the arena */
    uint32_t tensors_offset;
    uint32_t operations_offset;
    uint32_t operations_bytes;
    uint32_t ports_offset;
    uint32_t constants_offset;
    uint32_t constants_bytes;
    uint32_t reserved;
} rk_header;

/* Tensor record of the blob. */
typedef struct rk_tensor {
    uint32_t arena_offset;
    uint32_t size_bytes;
    int32_t zero_point;
    uint8_t dtype; /* RK_DTYPE_... */
    uint8_t bits;
    uint8_t rank;
    uint8_t reserved;
    uint32_t dims[4]; /* ones in front where the rank is below 4 */
} rk_tensor;

/* Operation record of the blob; the words of the kernel's parameter struct follow it. */
typedef struct rk_operation {
    uint16_t opcode;
    uint16_t record_bytes;
    uint8_t rule; /* RK_RULE_... */
    uint8_t input_count;
    uint8_t dtype;
    uint8_t reserved;
    uint16_t output;
    uint16_t inputs[RK_INPUTS_MAX]; /* tensor indices; RK_NO_TENSOR where there is none */
    uint32_t macs;
    uint32_t reserved2;
} rk_operation;

/* A checked program. Fill it with rk_program_open; read it freely, change nothing. */
typedef struct rk_program {
    const rk_header *header;
    const rk_tensor *tensors;
    const uint8_t *operations;
    const uint16_t *ports;
    const uint8_t *constants;
} rk_program;

/*
 * Checks `size` bytes completely (format, checksum, bounds, and each operation's geometry against its tensors and constants) and
 * fills `program`. `bytes` is aligned to RK_ALIGNMENT. After RK_OK, running reads and writes only the program's bytes and its
 * arena, ends, and can fail only with RK_ERROR_INDEX (indices are data).
 */
rk_status rk_program_open(rk_program *program, const uint8_t *bytes, uint32_t size);

/* Runs all operations once. `arena` has header->arena_bytes bytes, aligned to RK_ALIGNMENT; inputs are in place. */
rk_status rk_program_run(const rk_program *program, uint8_t *arena);

/* Runs operations 0 to `count` - 1 in the arena: the state right after operation `count` - 1 is then in its output tensor. */
rk_status rk_program_run_prefix(const rk_program *program, uint8_t *arena, uint32_t count);

/* Runs one operation in the arena, e.g. to time or checksum each: calling it for 0, 1, 2, ... equals rk_program_run. */
rk_status rk_program_run_operation(const rk_program *program, uint8_t *arena, uint32_t index);

/*
 * Runs one operation on tensors that live anywhere: `tensors` has one pointer per tensor of the program (those that the operation
 * does not use may be NULL), each aligned to the bytes of its dtype at least; `scratch` has header->scratch_bytes bytes aligned to 4.
 */
rk_status rk_operation_run(const rk_program *program, uint32_t index, void *const *tensors, void *scratch);

/* Accessors. An index outside the program gives NULL, or RK_NO_TENSOR for ports. */
const rk_operation *rk_program_operation(const rk_program *program, uint32_t index);
const rk_tensor *rk_program_tensor(const rk_program *program, uint32_t index);
uint16_t rk_program_input(const rk_program *program, uint32_t port);
uint16_t rk_program_output(const rk_program *program, uint32_t port);

/* CRC-32 (IEEE 802.3). `previous` continues a run; start with 0. */
uint32_t rk_crc32(const uint8_t *bytes, uint32_t size, uint32_t previous);

#endif
