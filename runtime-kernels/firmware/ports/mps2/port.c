/*
 * Arm MPS2 boards and their relatives under QEMU: the CMSDK UART with a receive interrupt. Cost is instructions, which QEMU counts exactly
 * with -icount; a real board would count cycles here.
 */
#include "rk_port.h"

#include "board.h"
#include "cpu.h"
#include "receive.h"
#include "systick.h"

const rk_port_info rk_port = {
    .name = BOARD_NAME,
    .cost_unit = RK_COST_INSTRUCTIONS,
    .clock_hz = BOARD_CLOCK_HZ,
    .busy_interval = 50000000, /* QEMU runs some 100 million instructions a second */
};

#define UART_DATA RK_REGISTER(BOARD_UART_ADDRESS)
#define UART_STATE RK_REGISTER(BOARD_UART_ADDRESS + 0x04u)
#define UART_CONTROL RK_REGISTER(BOARD_UART_ADDRESS + 0x08u)
#define UART_INTERRUPT_CLEAR RK_REGISTER(BOARD_UART_ADDRESS + 0x0Cu)
#define UART_BAUD_DIVIDER RK_REGISTER(BOARD_UART_ADDRESS + 0x10u)

enum {
    UART_TX_FULL = 1 << 0,
    UART_RX_FULL = 1 << 1,
    UART_TX_ON = 1 << 0,
    UART_RX_ON = 1 << 1,
    UART_RX_INTERRUPT_ON = 1 << 3,
    UART_RX_INTERRUPT = 1 << 1,
};

void rk_uart_interrupt(void);

/* Cleared before the data is taken: a byte that comes in between then raises the interrupt anew instead of being lost. */
void rk_uart_interrupt(void) {
    UART_INTERRUPT_CLEAR = UART_RX_INTERRUPT;
    while (UART_STATE & UART_RX_FULL) rk_ring_put(&rk_received, (uint8_t)UART_DATA);
}

void rk_port_start(void) {
    rk_systick_start();
    UART_BAUD_DIVIDER = BOARD_CLOCK_HZ / BOARD_BAUD;
    UART_CONTROL = UART_TX_ON | UART_RX_ON | UART_RX_INTERRUPT_ON;
    rk_interrupt_enable(BOARD_UART_INTERRUPT);
}

void rk_port_write(const uint8_t *bytes, uint32_t count) {
    for (uint32_t index = 0; index < count; index++) {
        while (UART_STATE & UART_TX_FULL) {}
        UART_DATA = bytes[index];
    }
}
