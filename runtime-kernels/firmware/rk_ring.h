/*
 * Received bytes between the receive interrupt, the only writer, and the main loop, the only reader. What does not fit is lost; the
 * frame's checksum tells.
 */
#ifndef RK_RING_H
#define RK_RING_H

#include <stdint.h>

enum { RK_RING_BYTES = 1024 }; /* a power of two */

typedef struct rk_ring {
    volatile uint32_t written; /* counts all bytes ever; wraps */
    volatile uint32_t taken;
    uint8_t bytes[RK_RING_BYTES];
} rk_ring;

static inline void rk_ring_put(rk_ring *ring, uint8_t byte) {
    uint32_t written = ring->written;
    if (written - ring->taken == RK_RING_BYTES) return;
    ring->bytes[written % RK_RING_BYTES] = byte;
    ring->written = written + 1;
}

static inline uint32_t rk_ring_take(rk_ring *ring, uint8_t *bytes, uint32_t capacity) {
    uint32_t taken = ring->taken;
    uint32_t count = ring->written - taken;
    if (count > capacity) count = capacity;
    for (uint32_t index = 0; index < count; index++) bytes[index] = ring->bytes[(taken + index) % RK_RING_BYTES];
    ring->taken = taken + count;
    return count;
}

static inline int rk_ring_empty(const rk_ring *ring) { return ring->written == ring->taken; }

#endif
