/* The portable choice of rk_run_depthwise_conv. A build replaces this file by the one of the same name of a variant's folder. */
#include "rk_portable.h"

rk_status rk_run_depthwise_conv(const rk_call *call);

rk_status rk_run_depthwise_conv(const rk_call *call) {
    rk_depthwise_conv_portable(call);
    return RK_OK;
}
