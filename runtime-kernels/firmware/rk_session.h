/*
 * One session with the host: takes received bytes, answers requests, holds the program and its arena. Everything that comes in is
 * untrusted; a request is executed at most once however often it arrives.
 */
#ifndef RK_SESSION_H
#define RK_SESSION_H

#include "rk_bytes.h"
#include "rk_frame.h"
#include "rk_port.h"
#include "rk_program.h"
#include "rk_protocol.h"

enum { RK_FRAME_BYTES = RK_PORT_PAYLOAD_BYTES + RK_LINK_FRAME_OVERHEAD_BYTES };

typedef enum rk_load_state {
    RK_LOAD_NONE,    /* no program */
    RK_LOAD_PARTIAL, /* between LOAD_BEGIN and LOAD_END */
    RK_LOAD_READY    /* checked: it can run */
} rk_load_state;

typedef struct rk_session {
    rk_frame_decoder decoder;
    uint8_t received[RK_FRAME_BYTES];
    uint8_t reply[RK_FRAME_BYTES]; /* the last reply with its CRC-32, kept for repeats */
    uint32_t reply_bytes;          /* 0 until HELLO */
    uint8_t last_type;
    uint8_t last_sequence;
    uint32_t last_crc;

    uint8_t *memory; /* the program, then its arena */
    uint32_t memory_bytes;
    rk_load_state load_state;
    uint32_t program_bytes;
    uint32_t program_crc;
    rk_program program;
    uint8_t *arena;
    uint32_t next_operation; /* where a TRACE may go on */
    uint64_t busy_sent_at;
} rk_session;

/* `memory` is aligned to RK_ALIGNMENT. */
void rk_session_start(rk_session *session, uint8_t *memory, uint32_t memory_bytes);

/* Takes one received byte; when it completes a request, executes it and sends the reply. */
void rk_session_receive(rk_session *session, uint8_t byte);

/* Sends FAULT; needs no session, so that a fault handler can call it. */
void rk_session_fault(uint32_t kind, uint32_t pc, uint32_t lr);

/*
 * Handlers of requests. `payload` has at least the bytes of the request's fixed fields; `reply` is where the fields behind `status` go. They
 * return RK_OK, an rk_status or an RK_LINK_... status.
 */
typedef int32_t rk_handler(rk_session *session, const uint8_t *payload, uint32_t length, rk_writer *reply);

rk_handler rk_handle_load_begin, rk_handle_load_data, rk_handle_load_end, rk_handle_reset; /* rk_load.c */
rk_handler rk_handle_write_input, rk_handle_read_output, rk_handle_read_tensor;            /* rk_tensors.c */
rk_handler rk_handle_run, rk_handle_run_to, rk_handle_trace;                               /* rk_execute.c */

#endif
