/*
 * The firmware as a program of the host, on standard input and output: for tests under sanitizers and fuzzers, and for trying the link
 * without a board. Cost is nanoseconds of this thread. No port.json: there is no image to commit.
 */
#include <stdalign.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "rk_port.h"

const rk_port_info rk_port = {
    .name = "posix",
    .cost_unit = RK_COST_NANOSECONDS,
    .clock_hz = 0,
    .busy_interval = 500000000,
};

enum { MEMORY_BYTES = 64 << 20 };

static uint8_t waiting[4096];
static ssize_t waiting_count;
static ssize_t taken;

void rk_port_start(void) {}

uint32_t rk_port_read(uint8_t *bytes, uint32_t capacity) {
    uint32_t count = 0;
    while (count < capacity && taken < waiting_count) bytes[count++] = waiting[taken++];
    return count;
}

/* The end of the input ends the program. */
void rk_port_wait(void) {
    taken = 0;
    waiting_count = read(STDIN_FILENO, waiting, sizeof waiting);
    if (waiting_count <= 0) exit(0);
}

void rk_port_write(const uint8_t *bytes, uint32_t count) {
    while (count > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, count);
        if (written <= 0) exit(1);
        bytes += written;
        count -= (uint32_t)written;
    }
}

uint64_t rk_port_cost(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint8_t *rk_port_memory(uint32_t *bytes) {
    static alignas(16) uint8_t memory[MEMORY_BYTES];
    *bytes = sizeof memory;
    return memory;
}
