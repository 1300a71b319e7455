/*
 * QEMU's riscv32 virt board: the 16550 UART behind the PLIC. Cost is retired instructions, which QEMU counts exactly with -icount.
 */
#include "rk_port.h"

#include "cpu.h"
#include "receive.h"

const rk_port_info rk_port = {
    .name = "riscv32-virt",
    .cost_unit = RK_COST_INSTRUCTIONS,
    .clock_hz = 0,
    .busy_interval = 50000000, /* QEMU runs some 100 million instructions a second */
};

#define UART_REGISTER(index) (*(volatile uint8_t *)(0x10000000u + (index)))
#define UART_DATA UART_REGISTER(0)
#define UART_INTERRUPT_ENABLE UART_REGISTER(1)
#define UART_FIFO_CONTROL UART_REGISTER(2)
#define UART_LINE_STATUS UART_REGISTER(5)
#define PLIC_PRIORITY(source) RK_REGISTER(0x0C000000u + 4u * (source))
#define PLIC_ENABLE RK_REGISTER(0x0C002000u)
#define PLIC_THRESHOLD RK_REGISTER(0x0C200000u)
#define PLIC_CLAIM RK_REGISTER(0x0C200004u)

enum {
    UART_SOURCE = 10,
    UART_RX_INTERRUPT = 1 << 0,
    UART_FIFOS = 1 << 0,
    UART_RX_READY = 1 << 0,
    UART_TX_EMPTY = 1 << 5,
};

void rk_external_interrupt(void);

void rk_external_interrupt(void) {
    uint32_t source = PLIC_CLAIM;
    while (UART_LINE_STATUS & UART_RX_READY) rk_ring_put(&rk_received, UART_DATA);
    PLIC_CLAIM = source;
}

void rk_port_start(void) {
    UART_FIFO_CONTROL = UART_FIFOS;
    UART_INTERRUPT_ENABLE = UART_RX_INTERRUPT;
    PLIC_PRIORITY(UART_SOURCE) = 1;
    PLIC_ENABLE = 1u << UART_SOURCE;
    PLIC_THRESHOLD = 0;
}

void rk_port_write(const uint8_t *bytes, uint32_t count) {
    for (uint32_t index = 0; index < count; index++) {
        while (!(UART_LINE_STATUS & UART_TX_EMPTY)) {}
        UART_DATA = bytes[index];
    }
}

uint64_t rk_port_cost(void) {
    uint32_t high, low, again;
    do {
        __asm__ volatile("csrr %0, minstreth" : "=r"(high));
        __asm__ volatile("csrr %0, minstret" : "=r"(low));
        __asm__ volatile("csrr %0, minstreth" : "=r"(again));
    } while (high != again);
    return (uint64_t)high << 32 | low;
}
