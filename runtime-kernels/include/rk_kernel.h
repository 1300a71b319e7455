/*
 * The contract between the interpreter and a kernel. Each kernel is one file rk_<name>.c with two functions: rk_check_<name> looks at
 * an operation once, when the program is opened; rk_run_<name> runs it and checks nothing. A fast variant is another file with the
 * same rk_run_<name>, equal bit for bit, chosen by the build's file list.
 */
#ifndef RK_KERNEL_H
#define RK_KERNEL_H

#include "rk_program.h"

/* What a check sees. Tensors are resolved and inside the arena; the parameter struct is complete; everything else is untrusted. */
typedef struct rk_check {
    const rk_operation *operation;
    const void *parameters; /* struct rk_<name>_parameters */
    const rk_tensor *inputs[RK_INPUTS_MAX]; /* NULL where there is none */
    const rk_tensor *output;
    const uint8_t *constants;
    uint32_t constants_bytes;
    uint32_t scratch_bytes; /* set by the check: what rk_run needs; a pure function of the parameters */
} rk_check;

/* What a run is given. */
typedef struct rk_call {
    const rk_operation *operation;
    const void *parameters;
    const void *inputs[RK_INPUTS_MAX];
    void *output;
    const uint8_t *constants;
    void *scratch; /* aligned to 4 */
} rk_call;

typedef struct rk_kernel {
    rk_status (*check)(rk_check *check);
    rk_status (*run)(const rk_call *call);
    uint32_t parameter_count; /* words */
} rk_kernel;

/* The kernel of an opcode, or NULL. Generated: generated/rk_registry.c. */
const rk_kernel *rk_kernel_find(uint32_t opcode);

/* The constant at a parameter's byte offset, or NULL for none. */
static inline const void *rk_constant(const rk_call *call, uint32_t offset) {
    return offset == RK_NO_CONSTANT ? NULL : call->constants + offset;
}

#endif
