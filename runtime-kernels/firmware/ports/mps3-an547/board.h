/* Arm MPS3 AN547 (Cortex-M55, secure state) as QEMU emulates it with -icount shift=0: one instruction a nanosecond, SysTick at 32 MHz. */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_NAME "mps3-an547"
#define BOARD_INTERRUPTS 64
#define BOARD_UART_INTERRUPT 33
#define BOARD_UART_ADDRESS 0x59303000u

/* Gives the coprocessors 10 and 11, the FPU, to everyone (CPACR). */
#define BOARD_ENABLE_FPU "ldr r1, =0xE000ED88\nldr r0, [r1]\nldr r2, =0x00F00000\norrs r0, r2\nstr r0, [r1]\ndsb\nisb\n"

/* SysTick at 32 MHz: 31.25 instructions a tick. */
#define BOARD_COST_PER_TICK_NUMERATOR 125
#define BOARD_COST_PER_TICK_DENOMINATOR 4

#define BOARD_CLOCK_HZ 32000000u
#define BOARD_BAUD 115200u

#endif
