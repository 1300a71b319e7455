/* The system registers of every Cortex-M that the ports use (Armv6-M, Armv7-M and Armv8-M reference manuals). */
#ifndef CPU_H
#define CPU_H

#include <stdint.h>

#define RK_REGISTER(address) (*(volatile uint32_t *)(address))

#define SYSTICK_CONTROL RK_REGISTER(0xE000E010u)
#define SYSTICK_RELOAD RK_REGISTER(0xE000E014u)
#define SYSTICK_VALUE RK_REGISTER(0xE000E018u)
#define NVIC_ENABLE(interrupt) RK_REGISTER(0xE000E100u + 4u * ((interrupt) / 32u))
#define SCB_VECTORS RK_REGISTER(0xE000ED08u)

enum { SYSTICK_ENABLE = 1 << 0, SYSTICK_INTERRUPT = 1 << 1, SYSTICK_CORE_CLOCK = 1 << 2 };

static inline void rk_interrupt_enable(uint32_t interrupt) { NVIC_ENABLE(interrupt) = 1u << interrupt % 32u; }
static inline void rk_interrupts_off(void) { __asm__ volatile("cpsid i" ::: "memory"); }
static inline void rk_interrupts_on(void) { __asm__ volatile("cpsie i" ::: "memory"); }
static inline void rk_wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }

#endif
