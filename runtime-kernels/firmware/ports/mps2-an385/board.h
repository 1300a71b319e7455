/* Arm MPS2 AN385 (Cortex-M3) as QEMU emulates it with -icount shift=0: one instruction a nanosecond, SysTick at 25 MHz. */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_NAME "mps2-an385"
#define BOARD_INTERRUPTS 32
#define BOARD_UART_INTERRUPT 0
#define BOARD_UART_ADDRESS 0x40004000u

#define BOARD_ENABLE_FPU

/* SysTick at 25 MHz: 40 instructions a tick. */
#define BOARD_COST_PER_TICK_NUMERATOR 40
#define BOARD_COST_PER_TICK_DENOMINATOR 1

#define BOARD_CLOCK_HZ 25000000u
#define BOARD_BAUD 115200u

#endif
