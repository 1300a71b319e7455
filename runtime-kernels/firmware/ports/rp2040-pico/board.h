/* Raspberry Pi Pico: numbers of the RP2040 (datasheet sections 2.2, 2.3.2 and 4.2). */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_INTERRUPTS 32
#define BOARD_UART_INTERRUPT 20
#define BOARD_ENABLE_FPU

/* SysTick counts core cycles. */
#define BOARD_COST_PER_TICK_NUMERATOR 1
#define BOARD_COST_PER_TICK_DENOMINATOR 1

#define BOARD_CLOCK_HZ 125000000u
#define BOARD_BAUD 115200u

#endif
