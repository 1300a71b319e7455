/* Double roundings to the right for Cortex-M0+, with four 32-bit products and no 64-bit one; see rk_requantize_run.h. */
#include "rk_requantize_run.h"

#if defined(__ARM_ARCH_6M__)

/*
 * r0 run, r1 sums, r2 count, r3 output; the run's words in r8 to r12 and lr, its output step on the stack. The product of the halves
 * ah:al and bh:bl, rounded, is 2 * ah * bh + (ah * bl + al * bh + (al * bl >> 16) + 2^14 >> 15), the inner sum having 33 bits. The
 * multiplier is not negative, so it never saturates. The division adds the sign, so that ties go away from zero, and the carry, which
 * is the last bit shifted out.
 */
__asm(
    ".section .text.rk_requantize_right, \"ax\", %progbits\n"
    ".balign 4\n"
    ".global rk_requantize_right\n"
    ".thumb_func\n"
    ".type rk_requantize_right, %function\n"
    "rk_requantize_right:\n"
    "push {r4, r5, r6, r7, lr}\n"
    "mov r4, r8\n"
    "mov r5, r9\n"
    "mov r6, r10\n"
    "mov r7, r11\n"
    "push {r4, r5, r6, r7}\n"
    "ldmia r0!, {r4, r5, r6, r7}\n"
    "mov r8, r4\n"
    "mov r9, r5\n"
    "mov r10, r6\n"
    "mov r11, r7\n"
    "ldmia r0!, {r4, r5, r6}\n"
    "mov r12, r4\n"
    "mov lr, r5\n"
    "push {r6}\n"
    "1: mov r6, r8\n"
    "ldr r7, [r6]\n"
    "add r8, r10\n"
    "uxth r6, r7\n"
    "lsrs r7, r7, #16\n"
    "ldr r4, [r1]\n"
    "adds r1, #8\n"
    "uxth r5, r4\n"
    "asrs r4, r4, #16\n"
    "movs r0, r5\n"
    "muls r0, r6\n"
    "muls r6, r4\n"
    "muls r5, r7\n"
    "muls r7, r4\n"
    "lsrs r0, r0, #16\n"
    "movs r4, #64\n"
    "lsls r4, r4, #8\n"
    "adds r0, r0, r4\n"
    "asrs r4, r6, #31\n"
    "adds r6, r6, r5\n"
    "movs r5, #0\n"
    "adcs r4, r5\n"
    "adds r6, r6, r0\n"
    "adcs r4, r5\n"
    "lsls r4, r4, #17\n"
    "lsrs r6, r6, #15\n"
    "adds r4, r4, r6\n"
    "lsls r7, r7, #1\n"
    "adds r4, r4, r7\n"
    "asrs r6, r4, #31\n"
    "adds r4, r4, r6\n"
    "mov r6, r9\n"
    "ldr r6, [r6]\n"
    "add r9, r10\n"
    "negs r6, r6\n"
    "asrs r4, r6\n"
    "adcs r4, r5\n"
    "add r4, r11\n"
    "cmp r4, r12\n"
    "bge 2f\n"
    "mov r4, r12\n"
    "2: cmp r4, lr\n"
    "ble 3f\n"
    "mov r4, lr\n"
    "3: strb r4, [r3]\n"
    "ldr r0, [sp]\n"
    "adds r3, r3, r0\n"
    "subs r2, #1\n"
    "bne 1b\n"
    "add sp, #4\n"
    "pop {r4, r5, r6, r7}\n"
    "mov r8, r4\n"
    "mov r9, r5\n"
    "mov r10, r6\n"
    "mov r11, r7\n"
    "pop {r4, r5, r6, r7, pc}\n"
    ".size rk_requantize_right, . - rk_requantize_right\n"
    ".text\n");

#else

/* The steps of the assembly, so that host tests hold its arithmetic to rk_requantize. */
static int32_t requantize_right(const rk_run *run, int32_t sum, int32_t multiplier, int32_t right_shift) {
    const int32_t a_high = sum >> 16;
    const uint32_t a_low = (uint32_t)sum & 0xFFFFu;
    const int32_t b_high = multiplier >> 16;
    const int32_t b_low = multiplier & 0xFFFF;
    const uint32_t low = (a_low * (uint32_t)b_low >> 16) + (1u << 14);
    const int64_t inner = (int64_t)(a_high * b_low) + (int32_t)a_low * b_high + low;
    const int32_t high = (int32_t)(2 * (int64_t)(a_high * b_high) + (inner >> 15));
    const int32_t toward = high + (high >> 31);
    const int32_t rounded = (toward >> right_shift) + ((toward >> (right_shift - 1)) & 1);
    return rk_clamp(rk_wrapping_add(rounded, run->zero_point), run->clamp_min, run->clamp_max);
}

void rk_requantize_right(const rk_run *run, const int32_t *sums, int32_t count, int8_t *output) {
    const int32_t word_step = run->word_step / 4;
    for (int32_t index = 0; index < count; index++) {
        const int32_t scale = index * word_step;
        *output = (int8_t)requantize_right(run, sums[2 * index], run->multiplier[scale], -run->shift[scale]);
        output += run->output_step;
    }
}

#endif
