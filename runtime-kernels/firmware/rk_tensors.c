/* Pieces of tensors to and from the host: WRITE_INPUT, READ_OUTPUT and READ_TENSOR. */
#include "rk_memory.h"
#include "rk_session.h"

/* The bytes [offset, offset + count) of a tensor, or NULL where the tensor or the range does not exist. */
static uint8_t *piece(const rk_session *session, uint32_t index, uint32_t offset, uint32_t count) {
    const rk_tensor *tensor = rk_program_tensor(&session->program, index);
    if (tensor == NULL || offset > tensor->size_bytes || count > tensor->size_bytes - offset) return NULL;
    return session->arena + tensor->arena_offset + offset;
}

static int32_t read_piece(const rk_session *session, uint32_t index, uint32_t offset, uint32_t count, rk_writer *reply) {
    if (count > rk_writer_room(reply)) return RK_LINK_LENGTH;
    const uint8_t *source = piece(session, index, offset, count);
    if (source == NULL) return RK_LINK_RANGE;
    memcpy(reply->at, source, count);
    reply->at += count;
    return RK_OK;
}

int32_t rk_handle_write_input(rk_session *session, const uint8_t *payload, uint32_t length, rk_writer *reply) {
    (void)reply;
    if (session->load_state != RK_LOAD_READY) return RK_LINK_ORDER;
    uint32_t count = length - RK_WRITE_INPUT_BYTES;
    uint32_t index = rk_program_input(&session->program, payload[RK_WRITE_INPUT_AT_PORT]);
    uint8_t *target = piece(session, index, rk_get_u32(payload + RK_WRITE_INPUT_AT_OFFSET), count);
    if (target == NULL) return RK_LINK_RANGE;
    memcpy(target, payload + RK_WRITE_INPUT_BYTES, count);
    return RK_OK;
}

int32_t rk_handle_read_output(rk_session *session, const uint8_t *payload, uint32_t length, rk_writer *reply) {
    (void)length;
    if (session->load_state != RK_LOAD_READY) return RK_LINK_ORDER;
    uint32_t index = rk_program_output(&session->program, payload[RK_READ_OUTPUT_AT_PORT]);
    uint32_t offset = rk_get_u32(payload + RK_READ_OUTPUT_AT_OFFSET);
    return read_piece(session, index, offset, rk_get_u16(payload + RK_READ_OUTPUT_AT_LENGTH), reply);
}

int32_t rk_handle_read_tensor(rk_session *session, const uint8_t *payload, uint32_t length, rk_writer *reply) {
    (void)length;
    if (session->load_state != RK_LOAD_READY) return RK_LINK_ORDER;
    uint32_t index = rk_get_u16(payload + RK_READ_TENSOR_AT_TENSOR);
    uint32_t offset = rk_get_u32(payload + RK_READ_TENSOR_AT_OFFSET);
    return read_piece(session, index, offset, rk_get_u16(payload + RK_READ_TENSOR_AT_LENGTH), reply);
}
