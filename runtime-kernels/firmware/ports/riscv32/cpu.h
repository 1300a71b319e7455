/* What the ports need of a RISC-V core in machine mode (privileged architecture 1.12). */
#ifndef CPU_H
#define CPU_H

#include <stdint.h>

#define RK_REGISTER(address) (*(volatile uint32_t *)(address))

enum { MSTATUS_MIE = 1 << 3, MIE_EXTERNAL = 1 << 11 };

static inline void rk_interrupts_off(void) { __asm__ volatile("csrc mstatus, %0" ::"r"(MSTATUS_MIE) : "memory"); }
static inline void rk_interrupts_on(void) { __asm__ volatile("csrs mstatus, %0" ::"r"(MSTATUS_MIE) : "memory"); }
static inline void rk_wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }

#endif
