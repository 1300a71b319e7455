/*
 * Reset and traps of RISC-V ports in machine mode. There are no initialised variables (the linker script refuses them), so a restart after
 * a fault needs nothing but a cleared bss.
 */
#include <stdint.h>

#include "cpu.h"
#include "rk_session.h"

extern uint32_t rk_stack_top, rk_bss_start, rk_bss_end;

int main(void);
void rk_reset(void);
void rk_external_interrupt(void);

__attribute__((noreturn, used)) static void restart(void) {
    for (uint32_t *word = &rk_bss_start; word < &rk_bss_end; word++) *word = 0;
    __asm__ volatile("csrs mie, %0" ::"r"(MIE_EXTERNAL));
    rk_interrupts_on();
    main();
    for (;;) rk_wait_for_interrupt();
}

/* Interrupts have the top bit of mcause set; the only one enabled is the external one. Everything else is a fault. */
__attribute__((interrupt("machine"), aligned(4), used)) static void trap(void) {
    uint32_t cause, pc, link;
    __asm__ volatile("csrr %0, mcause" : "=r"(cause));
    if (cause >> 31) {
        rk_external_interrupt();
        return;
    }
    __asm__ volatile("csrr %0, mepc" : "=r"(pc));
    __asm__ volatile("mv %0, ra" : "=r"(link));
    rk_session_fault(cause, pc, link);
    __asm__ volatile("j rk_reset");
}

__attribute__((naked, section(".entry"), used)) void rk_reset(void) {
    __asm__ volatile(
        "csrw mie, zero\n"
        "la t0, %0\n"
        "csrw mtvec, t0\n"
        "la sp, rk_stack_top\n"
        "j %1\n" ::"i"(trap),
        "i"(restart));
}
