/* The portable choice of rk_run_fully_connected. A build replaces this file by the one of the same name of a variant's folder. */
#include "rk_portable.h"

rk_status rk_run_fully_connected(const rk_call *call);

rk_status rk_run_fully_connected(const rk_call *call) {
    rk_fully_connected_portable(call);
    return RK_OK;
}
