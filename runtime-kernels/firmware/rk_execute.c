/* Runs the program and tells what it cost: RUN, RUN_TO and TRACE. The cost counts operations only, not the link. */
#include "rk_session.h"

enum { TRACE_RECORD_BYTES = 12 };

static void send_busy(rk_session *session, uint32_t operation) {
    uint8_t content[2 + RK_BUSY_BYTES + 4] = {RK_EVENT_BUSY, session->last_sequence};
    rk_writer writer = {content + 2, content + 2 + RK_BUSY_BYTES};
    rk_put_u16(&writer, operation);
    rk_frame_send(content, 2 + RK_BUSY_BYTES);
    session->busy_sent_at = rk_port_cost();
}

static uint32_t output_crc(const rk_session *session, uint32_t index) {
    const rk_operation *operation = rk_program_operation(&session->program, index);
    const rk_tensor *tensor = rk_program_tensor(&session->program, operation->output);
    return rk_crc32(session->arena + tensor->arena_offset, tensor->size_bytes, 0);
}

/* Operations [first, end), with a record of each where `records` is given. Sets where it stopped and the cost of them all. */
static rk_status run_range(rk_session *session, uint32_t first, uint32_t end, rk_writer *records, uint32_t *stopped_at,
                           uint64_t *cost) {
    *cost = 0;
    send_busy(session, first);
    for (uint32_t index = first; index < end; index++) {
        uint64_t before = rk_port_cost();
        if (before - session->busy_sent_at > rk_port.busy_interval) {
            send_busy(session, index);
            before = rk_port_cost();
        }
        *stopped_at = index;
        rk_status status = rk_program_run_operation(&session->program, session->arena, index);
        uint64_t spent = rk_port_cost() - before;
        if (status != RK_OK) return status;
        *cost += spent;
        if (records == NULL) continue;
        rk_put_u32(records, output_crc(session, index));
        rk_put_u64(records, spent);
    }
    return RK_OK;
}

static int32_t run_up_to(rk_session *session, uint32_t end, rk_writer *reply) {
    uint32_t stopped_at = 0;
    uint64_t cost = 0;
    session->next_operation = 0;
    rk_status status = run_range(session, 0, end, NULL, &stopped_at, &cost);
    rk_put_u16(reply, stopped_at);
    rk_put_u64(reply, cost);
    return status;
}

int32_t rk_handle_run(rk_session *session, const uint8_t *payload, uint32_t length, rk_writer *reply) {
    (void)payload;
    (void)length;
    if (session->load_state != RK_LOAD_READY) return RK_LINK_ORDER;
    return run_up_to(session, session->program.header->operation_count, reply);
}

int32_t rk_handle_run_to(rk_session *session, const uint8_t *payload, uint32_t length, rk_writer *reply) {
    (void)length;
    if (session->load_state != RK_LOAD_READY) return RK_LINK_ORDER;
    uint32_t last = rk_get_u16(payload + RK_RUN_TO_AT_OPERATION);
    if (last >= session->program.header->operation_count) return RK_LINK_RANGE;
    return run_up_to(session, last + 1, reply);
}

int32_t rk_handle_trace(rk_session *session, const uint8_t *payload, uint32_t length, rk_writer *reply) {
    (void)length;
    if (session->load_state != RK_LOAD_READY) return RK_LINK_ORDER;
    uint32_t first = rk_get_u16(payload + RK_TRACE_AT_FIRST);
    uint32_t count = rk_get_u16(payload + RK_TRACE_AT_COUNT);
    uint32_t operation_count = session->program.header->operation_count;
    if (first != 0 && first != session->next_operation) return RK_LINK_ORDER;
    if (count == 0 || first >= operation_count || count > operation_count - first) return RK_LINK_RANGE;
    uint32_t stopped_at = first;
    uint64_t cost;
    rk_writer head = {reply->at, reply->at + 2};
    rk_writer records = {reply->at + 2, reply->end};
    if (count > rk_writer_room(&records) / TRACE_RECORD_BYTES) return RK_LINK_LENGTH;
    rk_status status = run_range(session, first, first + count, &records, &stopped_at, &cost);
    rk_put_u16(&head, stopped_at);
    reply->at = records.at;
    session->next_operation = status == RK_OK ? first + count : 0;
    return status;
}
