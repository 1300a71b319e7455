/* Sums over 3 x 3 windows; see rk_window_sums.h. */
#include "rk_window_sums.h"

#include "rk_rounding.h"

#if defined(__ARM_ARCH_6M__)

/* r0 tap, r1 window, r2 count, r3 sums; steps in r8 to r12, 0 in r7. 77 cycles for a window. */
__asm(
    ".section .text.rk_window_sums_3x3, \"ax\", %progbits\n"
    ".balign 4\n"
    ".global rk_window_sums_3x3\n"
    ".thumb_func\n"
    ".type rk_window_sums_3x3, %function\n"
    "rk_window_sums_3x3:\n"
    "push {r4, r5, r6, r7, lr}\n"
    "mov r4, r8\n"
    "mov r5, r9\n"
    "mov r6, r10\n"
    "mov r7, r11\n"
    "push {r4, r5, r6, r7}\n"
    "ldr r4, [r1, #40]\n"
    "mov r8, r4\n"
    "ldr r4, [r1, #44]\n"
    "mov r9, r4\n"
    "ldr r4, [r1, #48]\n"
    "mov r10, r4\n"
    "ldr r4, [r1, #52]\n"
    "mov r11, r4\n"
    "ldr r4, [r1, #56]\n"
    "mov r12, r4\n"
    "movs r7, #0\n"
    ".macro TAP weight, step\n"
    "ldrsb r5, [r0, r7]\n"
    "ldr r6, [r1, #4 * \\weight]\n"
    "muls r6, r5\n"
    "adds r4, r4, r6\n"
    "add r0, \\step\n"
    ".endm\n"
    "1: ldr r4, [r1, #36]\n"
    "TAP 0, r8\n"
    "TAP 1, r9\n"
    "TAP 2, r10\n"
    "TAP 3, r8\n"
    "TAP 4, r9\n"
    "TAP 5, r11\n"
    "TAP 6, r8\n"
    "TAP 7, r9\n"
    "TAP 8, r12\n"
    ".purgem TAP\n"
    "str r4, [r3]\n"
    "adds r3, #8\n"
    "subs r2, #1\n"
    "bne 1b\n"
    "pop {r4, r5, r6, r7}\n"
    "mov r8, r4\n"
    "mov r9, r5\n"
    "mov r10, r6\n"
    "mov r11, r7\n"
    "pop {r4, r5, r6, r7, pc}\n"
    ".size rk_window_sums_3x3, . - rk_window_sums_3x3\n"
    ".text\n");

#else

void rk_window_sums_3x3(const int8_t *input, const rk_window_3x3 *window, int32_t count, int32_t *sums) {
    const int32_t first = window->column_steps[0];
    const int32_t second = window->column_steps[1];
    const int32_t steps[9] = {first, second, window->row_steps[0], first,           second,
                              window->row_steps[1], first, second, window->next_step};
    for (int32_t index = 0; index < count; index++) {
        int32_t sum = window->start;
        for (int32_t tap = 0; tap < 9; tap++) {
            sum = rk_wrapping_add(sum, *input * window->weights[tap]);
            if (tap < 8 || index + 1 < count) input += steps[tap];
        }
        sums[2 * index] = sum;
    }
}

#endif
