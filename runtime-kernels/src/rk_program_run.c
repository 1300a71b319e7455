/* The interpreter: resolves tensor indices to addresses and calls kernels. It trusts a program that rk_program_open accepted. */
#include "rk_kernel.h"

static const rk_operation *next(const rk_operation *operation) {
    return (const rk_operation *)(const void *)((const uint8_t *)operation + operation->record_bytes);
}

static rk_status run(rk_call *call, const rk_program *program, const rk_operation *operation) {
    call->operation = operation;
    call->parameters = operation + 1;
    call->constants = program->constants;
    return rk_kernel_find(operation->opcode)->run(call);
}

static rk_status run_in_arena(const rk_program *program, const rk_operation *operation, uint8_t *arena) {
    rk_call call;
    for (uint32_t input = 0; input < RK_INPUTS_MAX; input++) {
        call.inputs[input] =
            input < operation->input_count ? arena + program->tensors[operation->inputs[input]].arena_offset : NULL;
    }
    call.output = arena + program->tensors[operation->output].arena_offset;
    call.scratch = arena + (program->header->arena_bytes - program->header->scratch_bytes);
    return run(&call, program, operation);
}

rk_status rk_program_run_prefix(const rk_program *program, uint8_t *arena, uint32_t count) {
    if (count > program->header->operation_count) return RK_ERROR_ARGUMENT;
    const rk_operation *operation = rk_program_operation(program, 0);
    for (uint32_t index = 0; index < count; index++) {
        const rk_status status = run_in_arena(program, operation, arena);
        if (status != RK_OK) return status;
        operation = next(operation);
    }
    return RK_OK;
}

rk_status rk_program_run(const rk_program *program, uint8_t *arena) {
    return rk_program_run_prefix(program, arena, program->header->operation_count);
}

rk_status rk_program_run_operation(const rk_program *program, uint8_t *arena, uint32_t index) {
    const rk_operation *operation = rk_program_operation(program, index);
    return operation == NULL ? RK_ERROR_ARGUMENT : run_in_arena(program, operation, arena);
}

rk_status rk_operation_run(const rk_program *program, uint32_t index, void *const *tensors, void *scratch) {
    const rk_operation *operation = rk_program_operation(program, index);
    if (operation == NULL) return RK_ERROR_ARGUMENT;
    rk_call call;
    for (uint32_t input = 0; input < RK_INPUTS_MAX; input++) {
        call.inputs[input] = input < operation->input_count ? tensors[operation->inputs[input]] : NULL;
    }
    call.output = tensors[operation->output];
    call.scratch = scratch;
    return run(&call, program, operation);
}

const rk_operation *rk_program_operation(const rk_program *program, uint32_t index) {
    if (index >= program->header->operation_count) return NULL;
    const rk_operation *operation = (const rk_operation *)(const void *)program->operations;
    for (uint32_t before = 0; before < index; before++) operation = next(operation);
    return operation;
}

const rk_tensor *rk_program_tensor(const rk_program *program, uint32_t index) {
    return index < program->header->tensor_count ? &program->tensors[index] : NULL;
}

uint16_t rk_program_input(const rk_program *program, uint32_t port) {
    return port < program->header->input_count ? program->ports[port] : RK_NO_TENSOR;
}

uint16_t rk_program_output(const rk_program *program, uint32_t port) {
    return port < program->header->output_count ? program->ports[program->header->input_count + port] : RK_NO_TENSOR;
}
