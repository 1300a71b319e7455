/* The parts of rk_port.h that are the same on every bare board: taking received bytes, sleeping, and the memory that the linker left. */
#include "receive.h"

#include "cpu.h"
#include "rk_port.h"

rk_ring rk_received;

uint32_t rk_port_read(uint8_t *bytes, uint32_t capacity) {
    return rk_ring_take(&rk_received, bytes, capacity);
}

void rk_port_wait(void) {
    rk_interrupts_off(); /* or a byte could come between the look and the sleep; a pending interrupt ends the sleep all the same */
    if (rk_ring_empty(&rk_received)) rk_wait_for_interrupt();
    rk_interrupts_on();
}

uint8_t *rk_port_memory(uint32_t *bytes) {
    extern uint8_t rk_pool_start[], rk_pool_end[];
    *bytes = (uint32_t)(rk_pool_end - rk_pool_start);
    return rk_pool_start;
}
