/* Takes a program into memory, checks it and sets its arena aside: LOAD_BEGIN, LOAD_DATA, LOAD_END and RESET. */
#include "rk_memory.h"
#include "rk_session.h"

static uint32_t align_up(uint32_t bytes) { return (bytes + RK_ALIGNMENT - 1) & ~(uint32_t)(RK_ALIGNMENT - 1); }

int32_t rk_handle_load_begin(rk_session *session, const uint8_t *payload, uint32_t length, rk_writer *reply) {
    (void)length;
    uint32_t program_bytes = rk_get_u32(payload + RK_LOAD_BEGIN_AT_PROGRAM_BYTES);
    uint32_t crc = rk_get_u32(payload + RK_LOAD_BEGIN_AT_CRC);
    if (program_bytes > session->memory_bytes) return RK_LINK_MEMORY;
    int present = session->load_state == RK_LOAD_READY && program_bytes == session->program_bytes &&
                  rk_crc32(session->memory, program_bytes, 0) == crc;
    session->load_state = RK_LOAD_PARTIAL;
    session->program_bytes = program_bytes;
    session->program_crc = crc;
    rk_put_u8(reply, (uint32_t)present);
    return RK_OK;
}

int32_t rk_handle_load_data(rk_session *session, const uint8_t *payload, uint32_t length, rk_writer *reply) {
    (void)reply;
    uint32_t offset = rk_get_u32(payload + RK_LOAD_DATA_AT_OFFSET);
    uint32_t count = length - RK_LOAD_DATA_BYTES;
    if (session->load_state != RK_LOAD_PARTIAL) return RK_LINK_ORDER;
    if (offset > session->program_bytes || count > session->program_bytes - offset) return RK_LINK_RANGE;
    memcpy(session->memory + offset, payload + RK_LOAD_DATA_BYTES, count);
    return RK_OK;
}

int32_t rk_handle_load_end(rk_session *session, const uint8_t *payload, uint32_t length, rk_writer *reply) {
    (void)payload;
    (void)length;
    if (session->load_state != RK_LOAD_PARTIAL) return RK_LINK_ORDER;
    session->load_state = RK_LOAD_NONE;
    uint32_t program_bytes = session->program_bytes;
    if (rk_crc32(session->memory, program_bytes, 0) != session->program_crc) return RK_LINK_PROGRAM_CRC;
    rk_status status = rk_program_open(&session->program, session->memory, program_bytes);
    if (status != RK_OK) return status;
    uint32_t arena_offset = align_up(program_bytes);
    uint32_t arena_bytes = session->program.header->arena_bytes;
    if (arena_offset > session->memory_bytes || arena_bytes > session->memory_bytes - arena_offset) return RK_LINK_MEMORY;
    session->arena = session->memory + arena_offset;
    session->next_operation = 0;
    session->load_state = RK_LOAD_READY;
    rk_put_u32(reply, arena_bytes);
    rk_put_u16(reply, session->program.header->operation_count);
    return RK_OK;
}

int32_t rk_handle_reset(rk_session *session, const uint8_t *payload, uint32_t length, rk_writer *reply) {
    (void)payload;
    (void)length;
    (void)reply;
    session->load_state = RK_LOAD_NONE;
    return RK_OK;
}
