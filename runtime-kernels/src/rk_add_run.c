/* The portable choice of rk_run_add. A build replaces this file by the one of the same name of a variant's folder. */
#include "rk_portable.h"

rk_status rk_run_add(const rk_call *call);

rk_status rk_run_add(const rk_call *call) {
    rk_add_portable(call);
    return RK_OK;
}
