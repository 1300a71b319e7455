/* Arm MPS2+ AN505 (Cortex-M33, secure state) as QEMU emulates it with -icount shift=0: one instruction a nanosecond, SysTick at 20 MHz. */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_NAME "mps2-an505"
#define BOARD_INTERRUPTS 64
#define BOARD_UART_INTERRUPT 32
#define BOARD_UART_ADDRESS 0x50200000u

/* Gives the coprocessors 10 and 11, the FPU, to everyone (CPACR). */
#define BOARD_ENABLE_FPU "ldr r1, =0xE000ED88\nldr r0, [r1]\nldr r2, =0x00F00000\norrs r0, r2\nstr r0, [r1]\ndsb\nisb\n"

/* SysTick at 20 MHz: 50 instructions a tick. */
#define BOARD_COST_PER_TICK_NUMERATOR 50
#define BOARD_COST_PER_TICK_DENOMINATOR 1

#define BOARD_CLOCK_HZ 20000000u
#define BOARD_BAUD 115200u

#endif
