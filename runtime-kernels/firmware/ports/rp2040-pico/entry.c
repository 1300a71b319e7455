/* The first bytes of the image: the boot ROM jumps to the lowest address of a UF2 file that it loaded into RAM. */

__attribute__((naked, section(".entry"), used)) void rk_entry(void);

__attribute__((naked, section(".entry"), used)) void rk_entry(void) {
    __asm__ volatile(
        "ldr r0, =rk_reset\n"
        "bx r0\n"
        ".ltorg");
}
