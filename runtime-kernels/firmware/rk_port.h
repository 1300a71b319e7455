/*
 * What a board must offer to the firmware: a byte stream, a counter and a block of memory. One folder in ports/ implements it
 * (docs/add-a-board.md). Everything above this header is portable and runs on the host as well.
 */
#ifndef RK_PORT_H
#define RK_PORT_H

#include <stdint.h>

/* Largest payload of a frame. A port may set another one in port.json; at most RK_LINK_PAYLOAD_BYTES_MAX. */
#ifndef RK_PORT_PAYLOAD_BYTES
#define RK_PORT_PAYLOAD_BYTES 4096
#endif

/* Unit of rk_port_cost; the numbers of the link protocol. */
enum { RK_COST_NONE = 0, RK_COST_CYCLES = 1, RK_COST_INSTRUCTIONS = 2, RK_COST_NANOSECONDS = 3 };

/* What the board says of itself in HELLO. */
typedef struct rk_port_info {
    const char *name;       /* folder name in ports/ */
    uint8_t cost_unit;      /* RK_COST_... */
    uint32_t clock_hz;      /* core clock, 0 if unknown */
    uint64_t busy_interval; /* cost units, about half a second: how often BUSY is sent while a program runs */
} rk_port_info;

extern const rk_port_info rk_port;

/* Sets up clocks, the UART and the counter; called once, before anything else. */
void rk_port_start(void);

/* Takes up to `capacity` received bytes; returns how many, 0 if there are none now. Must keep what arrives meanwhile: a whole frame. */
uint32_t rk_port_read(uint8_t *bytes, uint32_t capacity);

/* Sleeps until a byte may have come; may return early. */
void rk_port_wait(void);

/* Sends all bytes; returns when they are on their way. */
void rk_port_write(const uint8_t *bytes, uint32_t count);

/* A counter that never goes back, in the unit of `cost_unit`. */
uint64_t rk_port_cost(void);

/* Memory for the program and its arena, aligned to 16; sets its size. */
uint8_t *rk_port_memory(uint32_t *bytes);

#endif
