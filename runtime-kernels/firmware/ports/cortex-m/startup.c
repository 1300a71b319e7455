/*
 * Vector table, reset and faults of every Cortex-M port. There are no initialised variables (the linker script refuses them), so a
 * restart needs nothing but a cleared bss; an image that was loaded into RAM can restart after a fault all the same.
 */
#include <stdint.h>

#include "board.h"
#include "cpu.h"
#include "rk_session.h"

extern uint32_t rk_stack_top, rk_bss_start, rk_bss_end;

int main(void);
void rk_systick_interrupt(void);
void rk_uart_interrupt(void);

__attribute__((noreturn, used)) static void restart(void) {
    for (uint32_t *word = &rk_bss_start; word < &rk_bss_end; word++) *word = 0;
    main();
    for (;;) rk_wait_for_interrupt();
}

/* The reset of every port; a boot ROM that jumps into RAM comes in here too, through the .entry of the Pico. */
__attribute__((naked, noreturn)) void rk_reset(void) {
    __asm__ volatile(
        "cpsid i\n"
        "ldr r0, =rk_vectors\n"
        "ldr r1, =0xE000ED08\n"
        "str r0, [r1]\n"
        "ldr r0, =rk_stack_top\n"
        "mov sp, r0\n" BOARD_ENABLE_FPU
        "cpsie i\n"
        "bl %c0\n"
        ".ltorg" ::"i"(restart));
}

/* `frame` is what the processor pushed: r0 to r3, r12, lr, pc, psr. */
__attribute__((used)) static void report_fault(const uint32_t *frame, uint32_t kind) {
    rk_session_fault(kind, frame[6], frame[5]);
}

/* Reports, then returns from the exception into rk_reset on a fresh stack: r0 to r12, lr, pc = rk_reset, psr with the Thumb bit. */
__attribute__((naked)) static void fault(void) {
    __asm__ volatile(
        "mov r0, sp\n"
        "mrs r1, ipsr\n"
        "bl %c0\n"
        "ldr r0, =rk_stack_top\n"
        "subs r0, #32\n"
        "mov sp, r0\n"
        "ldr r1, =rk_reset\n"
        "str r1, [r0, #24]\n"
        "ldr r1, =0x01000000\n"
        "str r1, [r0, #28]\n"
        "ldr r0, =0xFFFFFFF9\n"
        "bx r0\n"
        ".ltorg" ::"i"(report_fault));
}

typedef void handler(void);

__attribute__((section(".vectors"), used, aligned(256))) handler *const rk_vectors[16 + BOARD_INTERRUPTS] = {
    [0] = (handler *)(void *)&rk_stack_top,
    [1] = rk_reset,
    [2 ... 14] = fault,
    [15] = rk_systick_interrupt,
    [16 + BOARD_UART_INTERRUPT] = rk_uart_interrupt,
};
