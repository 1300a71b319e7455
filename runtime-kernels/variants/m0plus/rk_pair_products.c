/* The inner products of two positions and two channels; see rk_pair_products.h. */
#include "rk_pair_products.h"

#if defined(__ARM_ARCH_6M__)

/* r0 pairs, r1 and r2 weights less the index, r3 index up to 0; sums in r8 to r11. 18 cycles for 4 products. */
__asm(
    ".section .text.rk_pair_products_bytes, \"ax\", %progbits\n"
    ".balign 4\n"
    ".global rk_pair_products_bytes\n"
    ".thumb_func\n"
    ".type rk_pair_products_bytes, %function\n"
    "rk_pair_products_bytes:\n"
    "push {r4, r5, r6, r7, lr}\n"
    "mov r4, r8\n"
    "mov r5, r9\n"
    "mov r6, r10\n"
    "mov r7, r11\n"
    "push {r4, r5, r6, r7}\n"
    "ldr r4, [sp, #36]\n"
    "ldmia r4!, {r5, r6, r7}\n"
    "mov r8, r5\n"
    "mov r9, r6\n"
    "mov r10, r7\n"
    "ldr r5, [r4]\n"
    "mov r11, r5\n"
    "adds r1, r1, r3\n"
    "adds r2, r2, r3\n"
    "movs r4, #3\n"
    "ands r4, r3\n"
    "negs r3, r3\n"
    /* Into the middle of the unrolled loop, count % 4 taps before its end. */
    "lsls r4, r4, #1\n"
    "adr r5, 3f\n"
    "ldrh r5, [r5, r4]\n"
    "adr r4, 1f\n"
    "adds r5, r5, r4\n"
    "adds r5, #1\n"
    "bx r5\n"
    ".balign 4\n"
    "3: .hword 0, (14f - 1f), (13f - 1f), (12f - 1f)\n"
    ".balign 4\n"
    "1:\n"
    ".macro TAP\n"
    "ldmia r0!, {r4}\n"
    "sxth r5, r4\n"
    "asrs r4, r4, #16\n"
    "ldrsb r6, [r1, r3]\n"
    "movs r7, r6\n"
    "muls r7, r5\n"
    "add r8, r7\n"
    "muls r6, r4\n"
    "add r9, r6\n"
    "ldrsb r6, [r2, r3]\n"
    "muls r5, r6\n"
    "add r10, r5\n"
    "muls r4, r6\n"
    "add r11, r4\n"
    "adds r3, #1\n"
    ".endm\n"
    "TAP\n"
    "12: TAP\n"
    "13: TAP\n"
    "14: TAP\n"
    ".purgem TAP\n"
    "bne 1b\n"
    "ldr r4, [sp, #36]\n"
    "mov r0, r8\n"
    "mov r1, r9\n"
    "mov r2, r10\n"
    "mov r3, r11\n"
    "stmia r4!, {r0, r1, r2, r3}\n"
    "pop {r4, r5, r6, r7}\n"
    "mov r8, r4\n"
    "mov r9, r5\n"
    "mov r10, r6\n"
    "mov r11, r7\n"
    "pop {r4, r5, r6, r7, pc}\n"
    ".size rk_pair_products_bytes, . - rk_pair_products_bytes\n"
    ".text\n");

/*
 * r0 pairs, r1 and r2 weights, r3 byte of the chunk; a chunk's sums in r8 and r9, bytes after it in r10. The first chunk enters the
 * unrolled loop in the middle, so that all others are whole. 22 cycles for 8 products.
 */
__asm(
    ".section .text.rk_pair_products_nibbles, \"ax\", %progbits\n"
    ".balign 4\n"
    ".global rk_pair_products_nibbles\n"
    ".thumb_func\n"
    ".type rk_pair_products_nibbles, %function\n"
    "rk_pair_products_nibbles:\n"
    "push {r4, r5, r6, r7, lr}\n"
    "mov r4, r8\n"
    "mov r5, r9\n"
    "mov r6, r10\n"
    "push {r4, r5, r6}\n"
    "movs r4, #7\n"
    "ands r4, r3\n"
    "bne 1f\n"
    "movs r4, #8\n"
    "1: subs r3, r3, r4\n"
    "mov r10, r3\n"
    "movs r3, #36\n" /* bytes of code for one byte of weights */
    "muls r4, r3\n"
    "adr r6, 4f\n"
    "subs r6, r6, r4\n"
    "adds r6, #1\n"
    "movs r3, #0\n"
    "mov r8, r3\n"
    "mov r9, r3\n"
    "bx r6\n"
    "2: movs r3, #0\n"
    "mov r8, r3\n"
    "mov r9, r3\n"
    ".balign 4\n"
    ".rept 8\n"
    "ldmia r0!, {r4, r5}\n"
    "ldrsb r6, [r1, r3]\n"
    "lsls r7, r6, #28\n"
    "asrs r7, r7, #28\n"
    "muls r7, r4\n"
    "add r8, r7\n"
    "asrs r6, r6, #4\n"
    "muls r6, r5\n"
    "add r8, r6\n"
    "ldrsb r6, [r2, r3]\n"
    "lsls r7, r6, #28\n"
    "asrs r7, r7, #28\n"
    "muls r7, r4\n"
    "add r9, r7\n"
    "asrs r6, r6, #4\n"
    "muls r6, r5\n"
    "add r9, r6\n"
    "adds r3, #1\n"
    ".endr\n"
    "4: adds r1, r1, r3\n"
    "adds r2, r2, r3\n"
    /* The low half is the sum of position 0, what remains above it that of position 1. */
    "ldr r7, [sp, #32]\n"
    "mov r4, r8\n"
    "sxth r5, r4\n"
    "subs r4, r4, r5\n"
    "asrs r4, r4, #16\n"
    "ldr r6, [r7]\n"
    "adds r6, r6, r5\n"
    "str r6, [r7]\n"
    "ldr r6, [r7, #4]\n"
    "adds r6, r6, r4\n"
    "str r6, [r7, #4]\n"
    "mov r4, r9\n"
    "sxth r5, r4\n"
    "subs r4, r4, r5\n"
    "asrs r4, r4, #16\n"
    "ldr r6, [r7, #8]\n"
    "adds r6, r6, r5\n"
    "str r6, [r7, #8]\n"
    "ldr r6, [r7, #12]\n"
    "adds r6, r6, r4\n"
    "str r6, [r7, #12]\n"
    "mov r4, r10\n"
    "subs r4, #8\n"
    "bmi 5f\n"
    "mov r10, r4\n"
    "b 2b\n"
    "5: pop {r4, r5, r6}\n"
    "mov r8, r4\n"
    "mov r9, r5\n"
    "mov r10, r6\n"
    "pop {r4, r5, r6, r7, pc}\n"
    ".size rk_pair_products_nibbles, . - rk_pair_products_nibbles\n"
    ".text\n");

#else

void rk_pair_products_bytes(const uint32_t *pairs, const int8_t *a, const int8_t *b, int32_t count, int32_t *sums) {
    for (int32_t tap = 0; tap < count; tap++) {
        const int32_t x0 = (int16_t)pairs[tap];
        const int32_t x1 = (int32_t)pairs[tap] >> 16;
        sums[0] = rk_wrapping_add(sums[0], x0 * a[tap]);
        sums[1] = rk_wrapping_add(sums[1], x1 * a[tap]);
        sums[2] = rk_wrapping_add(sums[2], x0 * b[tap]);
        sums[3] = rk_wrapping_add(sums[3], x1 * b[tap]);
    }
}

/* The products of up to 8 bytes of weights, both positions in one sum, as the assembly has them: host tests see it overflow too. */
static void chunk_products(const uint32_t *words, const uint8_t *weights, int32_t bytes, int32_t *sums) {
    uint32_t sum = 0;
    for (int32_t tap = 0; tap < 2 * bytes; tap++) {
        const uint32_t nibble = (uint32_t)weights[tap / 2] >> (tap % 2 * 4);
        sum += words[tap] * (uint32_t)((int32_t)(nibble << 28) >> 28);
    }
    rk_split_pair_sum(sum, sums);
}

void rk_pair_products_nibbles(const uint32_t *words, const uint8_t *a, const uint8_t *b, int32_t bytes, int32_t *sums) {
    for (int32_t done = 0; done < bytes;) {
        const int32_t chunk = (bytes - done) % 8 == 0 ? 8 : (bytes - done) % 8;
        chunk_products(words + 2 * done, a + done, chunk, sums);
        chunk_products(words + 2 * done, b + done, chunk, sums + 2);
        done += chunk;
    }
}

#endif
