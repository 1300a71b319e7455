/* The cost counter on SysTick: 24 bits that count down, and an interrupt that counts how often they wrapped. */
#include "board.h"
#include "cpu.h"
#include "rk_port.h"
#include "systick.h"

enum { RELOAD = 0xFFFFFF };

static volatile uint32_t wraps;

void rk_systick_interrupt(void);

void rk_systick_interrupt(void) { wraps++; }

void rk_systick_start(void) {
    SYSTICK_RELOAD = RELOAD;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = SYSTICK_ENABLE | SYSTICK_INTERRUPT | SYSTICK_CORE_CLOCK;
}

uint64_t rk_port_cost(void) {
    uint32_t high, low;
    do { /* a wrap in between interrupts us and is seen */
        high = wraps;
        low = RELOAD - SYSTICK_VALUE;
    } while (high != wraps);
    uint64_t ticks = (uint64_t)high * (RELOAD + 1u) + low;
    return ticks * BOARD_COST_PER_TICK_NUMERATOR / BOARD_COST_PER_TICK_DENOMINATOR;
}
