/*
 * Raspberry Pi Pico: 125 MHz from the crystal, UART0 on GP0 (out) and GP1 (in), 115200 baud, 8N1. Works from whatever state the boot ROM
 * leaves. RP2040 datasheet: 2.14 resets, 2.15 clocks, 2.16 crystal, 2.18 PLL, 2.19 pins, 4.2 UART.
 */
#include "rk_port.h"

#include "board.h"
#include "cpu.h"
#include "receive.h"
#include "systick.h"

const rk_port_info rk_port = {
    .name = "rp2040-pico",
    .cost_unit = RK_COST_CYCLES,
    .clock_hz = BOARD_CLOCK_HZ,
    .busy_interval = BOARD_CLOCK_HZ / 2,
};

#define RESETS_RESET RK_REGISTER(0x4000C000u)
#define RESETS_DONE RK_REGISTER(0x4000C008u)
#define XOSC_CONTROL RK_REGISTER(0x40024000u)
#define XOSC_STATUS RK_REGISTER(0x40024004u)
#define XOSC_STARTUP RK_REGISTER(0x4002400Cu)
#define PLL_CONTROL RK_REGISTER(0x40028000u)
#define PLL_POWER RK_REGISTER(0x40028004u)
#define PLL_FEEDBACK RK_REGISTER(0x40028008u)
#define PLL_DIVIDERS RK_REGISTER(0x4002800Cu)
#define CLOCK_REF_CONTROL RK_REGISTER(0x40008030u)
#define CLOCK_REF_SELECTED RK_REGISTER(0x40008038u)
#define CLOCK_SYS_CONTROL RK_REGISTER(0x4000803Cu)
#define CLOCK_SYS_DIVIDER RK_REGISTER(0x40008040u)
#define CLOCK_SYS_SELECTED RK_REGISTER(0x40008044u)
#define CLOCK_PERIPHERAL_CONTROL RK_REGISTER(0x40008048u)
#define PIN_FUNCTION(pin) RK_REGISTER(0x40014004u + 8u * (pin))
#define UART_DATA RK_REGISTER(0x40034000u)
#define UART_FLAGS RK_REGISTER(0x40034018u)
#define UART_BAUD_INTEGER RK_REGISTER(0x40034024u)
#define UART_BAUD_FRACTION RK_REGISTER(0x40034028u)
#define UART_LINE RK_REGISTER(0x4003402Cu)
#define UART_CONTROL RK_REGISTER(0x40034030u)
#define UART_LEVELS RK_REGISTER(0x40034034u)
#define UART_INTERRUPT_MASK RK_REGISTER(0x40034038u)

enum {
    RESET_IO_BANK0 = 1 << 5,
    RESET_PADS_BANK0 = 1 << 8,
    RESET_PLL_SYS = 1 << 12,
    RESET_UART0 = 1 << 22,
    XOSC_RANGE_1_15MHZ = 0xAA0,
    XOSC_ENABLE = 0xFAB << 12,
    XOSC_STARTUP_1MS = 47, /* times 256 cycles of 12 MHz */
    PLL_POWER_DOWN = 1 << 0,
    PLL_POST_DIVIDER_DOWN = 1 << 3,
    PLL_VCO_DOWN = 1 << 5,
    PLL_FEEDBACK_125 = 125, /* 12 MHz * 125 = 1500 MHz */
    PLL_DIVIDE_6_2 = 6 << 16 | 2 << 12,
    CLOCK_REF_XOSC = 2,
    CLOCK_SYS_AUX = 1, /* its auxiliary source 0 is the system PLL */
    CLOCK_PERIPHERAL_ENABLE = 1 << 11,
    PIN_UART = 2,
    UART_RX_EMPTY = 1 << 4,
    UART_TX_FULL = 1 << 5,
    UART_8_BITS = 3 << 5,
    UART_FIFOS = 1 << 4,
    UART_ON = 1 << 0 | 1 << 8 | 1 << 9,
    UART_RX_INTERRUPT = 1 << 4,
    UART_RX_TIMEOUT_INTERRUPT = 1 << 6,
    UART_RX_LEVEL_HALF = 2 << 3,
};
#define XOSC_STABLE 0x80000000u
#define PLL_LOCKED 0x80000000u

void rk_uart_interrupt(void);

void rk_uart_interrupt(void) {
    while (!(UART_FLAGS & UART_RX_EMPTY)) rk_ring_put(&rk_received, (uint8_t)UART_DATA);
}

static void start_clocks(void) {
    XOSC_STARTUP = XOSC_STARTUP_1MS;
    XOSC_CONTROL = XOSC_ENABLE | XOSC_RANGE_1_15MHZ;
    while (!(XOSC_STATUS & XOSC_STABLE)) {}
    CLOCK_REF_CONTROL = CLOCK_REF_XOSC;
    while (!(CLOCK_REF_SELECTED & 1u << CLOCK_REF_XOSC)) {}
    CLOCK_SYS_CONTROL = 0; /* from clk_ref while the PLL changes */
    while (!(CLOCK_SYS_SELECTED & 1)) {}

    RESETS_RESET |= RESET_PLL_SYS;
    RESETS_RESET &= ~(uint32_t)RESET_PLL_SYS;
    while (!(RESETS_DONE & RESET_PLL_SYS)) {}
    PLL_CONTROL = 1; /* reference divider */
    PLL_FEEDBACK = PLL_FEEDBACK_125;
    PLL_POWER &= ~(uint32_t)(PLL_POWER_DOWN | PLL_VCO_DOWN);
    while (!(PLL_CONTROL & PLL_LOCKED)) {}
    PLL_DIVIDERS = PLL_DIVIDE_6_2;
    PLL_POWER &= ~(uint32_t)PLL_POST_DIVIDER_DOWN;

    CLOCK_SYS_DIVIDER = 1 << 8;
    CLOCK_SYS_CONTROL = CLOCK_SYS_AUX;
    while (!(CLOCK_SYS_SELECTED & 1u << CLOCK_SYS_AUX)) {}
    CLOCK_PERIPHERAL_CONTROL = CLOCK_PERIPHERAL_ENABLE;
}

static void start_uart(void) {
    uint32_t blocks = RESET_IO_BANK0 | RESET_PADS_BANK0 | RESET_UART0;
    RESETS_RESET |= RESET_UART0;
    RESETS_RESET &= ~blocks;
    while ((RESETS_DONE & blocks) != blocks) {}
    PIN_FUNCTION(0) = PIN_UART;
    PIN_FUNCTION(1) = PIN_UART;
    uint32_t divider = (BOARD_CLOCK_HZ * 4u + BOARD_BAUD / 2u) / BOARD_BAUD; /* clock / (16 * baud), in 1/64 */
    UART_BAUD_INTEGER = divider >> 6;
    UART_BAUD_FRACTION = divider & 63;
    UART_LINE = UART_8_BITS | UART_FIFOS;
    UART_LEVELS = UART_RX_LEVEL_HALF;
    UART_CONTROL = UART_ON;
    UART_INTERRUPT_MASK = UART_RX_INTERRUPT | UART_RX_TIMEOUT_INTERRUPT;
    rk_interrupt_enable(BOARD_UART_INTERRUPT);
}

void rk_port_start(void) {
    start_clocks();
    rk_systick_start();
    start_uart();
}

void rk_port_write(const uint8_t *bytes, uint32_t count) {
    for (uint32_t index = 0; index < count; index++) {
        while (UART_FLAGS & UART_TX_FULL) {}
        UART_DATA = bytes[index];
    }
}
