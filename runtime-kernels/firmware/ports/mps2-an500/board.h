/* Arm MPS2 AN500 (Cortex-M7) as QEMU emulates it with -icount shift=0: one instruction a nanosecond, SysTick at 25 MHz. */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_NAME "mps2-an500"
#define BOARD_INTERRUPTS 32
#define BOARD_UART_INTERRUPT 0
#define BOARD_UART_ADDRESS 0x40004000u

/* Gives the coprocessors 10 and 11, the FPU, to everyone (CPACR). */
#define BOARD_ENABLE_FPU "ldr r1, =0xE000ED88\nldr r0, [r1]\nldr r2, =0x00F00000\norrs r0, r2\nstr r0, [r1]\ndsb\nisb\n"

/* SysTick at 25 MHz: 40 instructions a tick. */
#define BOARD_COST_PER_TICK_NUMERATOR 40
#define BOARD_COST_PER_TICK_DENOMINATOR 1

#define BOARD_CLOCK_HZ 25000000u
#define BOARD_BAUD 115200u

#endif
