/*
 * The only reader of untrusted program bytes: it checks format, bounds and every operation once, so that rk_program_run and the
 * kernels check nothing. All offsets are compared by subtraction, so that no sum can wrap.
 */
#include <stdbool.h>

#include "rk_kernel.h"
#include "rk_opcodes.h"

enum { MAGIC = 0x31505742, VERSION = 1, CRC_START = 16 };

/* 1 GiB: kernels compute element indices in int32, and one step past the last element must still fit. */
#define ARENA_BYTES_MAX 0x3FFFFFF0u

typedef char header_is_64_bytes[sizeof(rk_header) == 64 ? 1 : -1];
typedef char tensor_is_32_bytes[sizeof(rk_tensor) == 32 ? 1 : -1];
typedef char operation_is_32_bytes[sizeof(rk_operation) == 32 ? 1 : -1];

static bool aligned(uintptr_t value, uint32_t alignment) {
    return value % alignment == 0;
}

/* Whether [offset, offset + size) lies in [low, high). */
static bool inside(uint32_t offset, uint32_t size, uint32_t low, uint32_t high) {
    return offset >= low && offset <= high && size <= high - offset;
}

static rk_status check_identity(const rk_header *header, const uint8_t *bytes, uint32_t size) {
    if (header->magic != MAGIC) return RK_ERROR_MAGIC;
    if (header->version != VERSION || header->header_bytes != sizeof(rk_header)) return RK_ERROR_VERSION;
    if (header->total_bytes != size || !aligned(size, RK_ALIGNMENT)) return RK_ERROR_TRUNCATED;
    if (rk_crc32(bytes + CRC_START, size - CRC_START, 0) != header->crc) return RK_ERROR_CRC;
    if (!rk_profile_known(header->profile)) return RK_ERROR_PROFILE;
    return RK_OK;
}

static bool count_between(uint32_t count, uint32_t low, uint32_t high) {
    return count >= low && count <= high;
}

static rk_status check_header(const rk_header *header) {
    if (!count_between(header->tensor_count, 1, RK_TENSORS_MAX) ||
        !count_between(header->operation_count, 1, RK_OPERATIONS_MAX) ||
        !count_between(header->input_count, 1, RK_PORTS_MAX) || !count_between(header->output_count, 1, RK_PORTS_MAX) ||
        header->reserved != 0) {
        return RK_ERROR_RECORD;
    }
    if (!aligned(header->tensors_offset, 4) || !aligned(header->operations_offset, 4) ||
        !aligned(header->ports_offset, 4) || !aligned(header->constants_offset, RK_ALIGNMENT) ||
        !aligned(header->constants_bytes, RK_ALIGNMENT) || !aligned(header->arena_bytes, RK_ALIGNMENT) ||
        !aligned(header->scratch_bytes, RK_ALIGNMENT)) {
        return RK_ERROR_ALIGNMENT;
    }
    const uint32_t tensors_bytes = header->tensor_count * (uint32_t)sizeof(rk_tensor);
    const uint32_t ports_bytes = (uint32_t)(header->input_count + header->output_count) * 2u;
    if (!inside(header->tensors_offset, tensors_bytes, sizeof(rk_header), header->operations_offset) ||
        !inside(header->operations_offset, header->operations_bytes, sizeof(rk_header), header->ports_offset) ||
        !inside(header->ports_offset, ports_bytes, sizeof(rk_header), header->constants_offset) ||
        !inside(header->constants_offset, header->constants_bytes, sizeof(rk_header), header->total_bytes)) {
        return RK_ERROR_BOUNDS;
    }
    if (header->arena_bytes > ARENA_BYTES_MAX || header->scratch_bytes > header->arena_bytes) return RK_ERROR_ARENA;
    return RK_OK;
}

static rk_status check_tensor(const rk_tensor *tensor, uint32_t arena_bytes) {
    static const int32_t zero_point_max[4] = {0, INT8_MAX, INT16_MAX, 0};
    if (tensor->dtype < RK_DTYPE_INT8 || tensor->dtype > RK_DTYPE_INT32) return RK_ERROR_DTYPE;
    if (tensor->rank < 1 || tensor->rank > 4 || tensor->reserved != 0) return RK_ERROR_RECORD;
    const int32_t highest = zero_point_max[tensor->dtype];
    const int32_t lowest = highest == 0 ? 0 : -highest - 1;
    if (tensor->zero_point < lowest || tensor->zero_point > highest) return RK_ERROR_RECORD;
    if (tensor->bits < 2 || tensor->bits > 32) return RK_ERROR_RECORD;
    uint32_t size_bytes = 1u << (tensor->dtype - 1);
    for (uint32_t axis = 0; axis < 4; axis++) {
        const uint32_t dim = tensor->dims[axis];
        if (dim == 0 || (axis + tensor->rank < 4 && dim != 1)) return RK_ERROR_RECORD;
        if (dim > ARENA_BYTES_MAX / size_bytes) return RK_ERROR_BOUNDS;
        size_bytes *= dim;
    }
    if (size_bytes != tensor->size_bytes) return RK_ERROR_RECORD;
    if (!aligned(tensor->arena_offset, RK_ALIGNMENT)) return RK_ERROR_ALIGNMENT;
    return inside(tensor->arena_offset, size_bytes, 0, arena_bytes) ? RK_OK : RK_ERROR_BOUNDS;
}

static rk_status check_tensors(const rk_program *program) {
    const rk_header *header = program->header;
    for (uint32_t index = 0; index < header->tensor_count; index++) {
        const rk_status status = check_tensor(&program->tensors[index], header->arena_bytes - header->scratch_bytes);
        if (status != RK_OK) return status;
    }
    const uint32_t ports = (uint32_t)header->input_count + header->output_count;
    for (uint32_t port = 0; port < ports; port++) {
        if (program->ports[port] >= header->tensor_count) return RK_ERROR_BOUNDS;
    }
    return RK_OK;
}

/* The tensors of an operation, resolved; everything its kernel then trusts of them. */
static rk_status resolve(const rk_program *program, const rk_operation *operation, rk_check *check) {
    const uint32_t tensor_count = program->header->tensor_count;
    if (!count_between(operation->input_count, 1, RK_INPUTS_MAX) || operation->reserved != 0 ||
        operation->reserved2 != 0) {
        return RK_ERROR_RECORD;
    }
    if (operation->dtype < RK_DTYPE_INT8 || operation->dtype > RK_DTYPE_INT32) return RK_ERROR_DTYPE;
    if (operation->rule < RK_RULE_DOUBLE || operation->rule > RK_RULE_REDUCED_16) return RK_ERROR_RULE;
    if (operation->output >= tensor_count) return RK_ERROR_BOUNDS;
    for (uint32_t input = 0; input < RK_INPUTS_MAX; input++) {
        const uint16_t index = operation->inputs[input];
        const bool wanted = input < operation->input_count;
        if (wanted ? index >= tensor_count : index != RK_NO_TENSOR) return RK_ERROR_BOUNDS;
        check->inputs[input] = wanted ? &program->tensors[index] : NULL;
    }
    check->operation = operation;
    check->parameters = operation + 1;
    check->output = &program->tensors[operation->output];
    check->constants = program->constants;
    check->constants_bytes = program->header->constants_bytes;
    check->scratch_bytes = 0;
    return RK_OK;
}

/* `available` is what is left of the operations section from this record on. */
static rk_status check_operation(const rk_program *program, const rk_operation *operation, uint32_t available) {
    if (available < sizeof(rk_operation) || operation->record_bytes > available) return RK_ERROR_BOUNDS;
    const rk_kernel *kernel = rk_kernel_find(operation->opcode);
    if (kernel == NULL) return RK_ERROR_OPCODE;
    if (operation->record_bytes != sizeof(rk_operation) + 4u * kernel->parameter_count) return RK_ERROR_RECORD;
    rk_check check;
    rk_status status = resolve(program, operation, &check);
    if (status != RK_OK) return status;
    status = kernel->check(&check);
    if (status != RK_OK) return status;
    return check.scratch_bytes <= program->header->scratch_bytes ? RK_OK : RK_ERROR_ARENA;
}

static rk_status check_operations(const rk_program *program) {
    uint32_t offset = 0;
    for (uint32_t index = 0; index < program->header->operation_count; index++) {
        const rk_operation *operation = (const rk_operation *)(const void *)(program->operations + offset);
        const rk_status status = check_operation(program, operation, program->header->operations_bytes - offset);
        if (status != RK_OK) return status;
        offset += operation->record_bytes;
    }
    return offset == program->header->operations_bytes ? RK_OK : RK_ERROR_RECORD;
}

rk_status rk_program_open(rk_program *program, const uint8_t *bytes, uint32_t size) {
    if (!aligned((uintptr_t)bytes, RK_ALIGNMENT)) return RK_ERROR_ALIGNMENT;
    if (size < sizeof(rk_header)) return RK_ERROR_TRUNCATED;
    const rk_header *header = (const rk_header *)(const void *)bytes;
    rk_status status = check_identity(header, bytes, size);
    if (status == RK_OK) status = check_header(header);
    if (status != RK_OK) return status;
    program->header = header;
    program->tensors = (const rk_tensor *)(const void *)(bytes + header->tensors_offset);
    program->operations = bytes + header->operations_offset;
    program->ports = (const uint16_t *)(const void *)(bytes + header->ports_offset);
    program->constants = bytes + header->constants_offset;
    status = check_tensors(program);
    return status == RK_OK ? check_operations(program) : status;
}
