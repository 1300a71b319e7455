/* The copy behind slice and transpose; see rk_strides.h. */
#include "rk_strides.h"

#include "rk_opcodes.h"

#include "rk_element_s8.h"
#include "rk_strides_template.h"

#include "rk_element_s16.h"
#include "rk_strides_template.h"

#include "rk_element_s32.h"
#include "rk_strides_template.h"

void rk_copy_walk(const rk_call *call, const rk_walk *walk) {
    if (call->operation->dtype == RK_DTYPE_INT8) {
        copy_s8(call->inputs[0], call->output, walk);
    } else if (call->operation->dtype == RK_DTYPE_INT16) {
        copy_s16(call->inputs[0], call->output, walk);
    } else {
        copy_s32(call->inputs[0], call->output, walk);
    }
}
