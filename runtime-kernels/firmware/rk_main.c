/* The firmware: received bytes go to the session, for ever. */
#include "rk_session.h"

int main(void) {
    static rk_session session;
    uint32_t memory_bytes;
    rk_port_start();
    uint8_t *memory = rk_port_memory(&memory_bytes);
    rk_session_start(&session, memory, memory_bytes);
    for (;;) {
        uint8_t bytes[64];
        uint32_t count = rk_port_read(bytes, sizeof bytes);
        if (count == 0) rk_port_wait();
        for (uint32_t index = 0; index < count; index++) rk_session_receive(&session, bytes[index]);
    }
}
