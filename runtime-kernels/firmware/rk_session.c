/* Frames to requests to replies: dispatch, repeats, HELLO and ECHO; see rk_session.h. */
#include "rk_session.h"

#include "rk_kernel.h"
#include "rk_memory.h"
#include "rk_opcodes.h"
#include "rk_version.h"

enum { STATUS_BYTES = 2, HEAD_BYTES = 2, PROGRAM_VERSION = 1, CODES_MAX = 256 };

void rk_session_start(rk_session *session, uint8_t *memory, uint32_t memory_bytes) {
    memset(session, 0, sizeof *session);
    session->memory = memory;
    session->memory_bytes = memory_bytes;
    rk_frame_decoder_start(&session->decoder, session->received, sizeof session->received);
}

/* What the kernels implement, as counted lists of codes. */
static void put_abilities(rk_writer *reply) {
    uint8_t *count = reply->at;
    rk_put_u8(reply, 0);
    for (uint32_t profile = 0; profile < CODES_MAX; profile++) {
        if (!rk_profile_known(profile)) continue;
        rk_put_u16(reply, profile);
        ++*count;
    }
    rk_put_u8(reply, RK_RULE_REDUCED_16 - RK_RULE_DOUBLE + 1);
    for (uint32_t rule = RK_RULE_DOUBLE; rule <= RK_RULE_REDUCED_16; rule++) rk_put_u8(reply, rule);
    count = reply->at;
    rk_put_u8(reply, 0);
    for (uint32_t opcode = 0; opcode < CODES_MAX; opcode++) {
        if (rk_kernel_find(opcode) == NULL) continue;
        rk_put_u16(reply, opcode);
        ++*count;
    }
}

static int32_t handle_hello(rk_session *session, const uint8_t *payload, uint32_t length, rk_writer *reply) {
    (void)length;
    if (rk_get_u32(payload + RK_HELLO_AT_MAGIC) != RK_LINK_HELLO_MAGIC) return RK_LINK_MESSAGE;
    uint32_t wanted_min = payload[RK_HELLO_AT_VERSION_MIN];
    uint32_t wanted_max = payload[RK_HELLO_AT_VERSION_MAX];
    int fits = wanted_min <= RK_LINK_VERSION_MAX && wanted_max >= RK_LINK_VERSION_MIN;
    uint32_t version = wanted_max < RK_LINK_VERSION_MAX ? wanted_max : RK_LINK_VERSION_MAX;
    rk_put_u8(reply, fits ? version : 0);
    rk_put_u8(reply, RK_LINK_VERSION_MIN);
    rk_put_u8(reply, RK_LINK_VERSION_MAX);
    rk_put_u8(reply, rk_port.cost_unit);
    rk_put_u16(reply, RK_PORT_PAYLOAD_BYTES);
    rk_put_u32(reply, rk_port.clock_hz);
    rk_put_u32(reply, session->memory_bytes);
    rk_put_u16(reply, PROGRAM_VERSION);
    put_abilities(reply);
    rk_put_text(reply, rk_port.name);
    rk_put_text(reply, RK_FIRMWARE_VERSION);
    return fits ? RK_OK : RK_LINK_VERSION;
}

static int32_t handle_echo(rk_session *session, const uint8_t *payload, uint32_t length, rk_writer *reply) {
    (void)session;
    if (length > rk_writer_room(reply)) return RK_LINK_LENGTH;
    memcpy(reply->at, payload, length);
    reply->at += length;
    return RK_OK;
}

static const struct request {
    uint8_t type;
    uint8_t fixed_bytes;
    rk_handler *handle;
} requests[] = {
    {RK_MESSAGE_HELLO, RK_HELLO_BYTES, handle_hello},
    {RK_MESSAGE_ECHO, 0, handle_echo},
    {RK_MESSAGE_LOAD_BEGIN, RK_LOAD_BEGIN_BYTES, rk_handle_load_begin},
    {RK_MESSAGE_LOAD_DATA, RK_LOAD_DATA_BYTES, rk_handle_load_data},
    {RK_MESSAGE_LOAD_END, RK_LOAD_END_BYTES, rk_handle_load_end},
    {RK_MESSAGE_WRITE_INPUT, RK_WRITE_INPUT_BYTES, rk_handle_write_input},
    {RK_MESSAGE_RUN, RK_RUN_BYTES, rk_handle_run},
    {RK_MESSAGE_READ_OUTPUT, RK_READ_OUTPUT_BYTES, rk_handle_read_output},
    {RK_MESSAGE_TRACE, RK_TRACE_BYTES, rk_handle_trace},
    {RK_MESSAGE_RUN_TO, RK_RUN_TO_BYTES, rk_handle_run_to},
    {RK_MESSAGE_READ_TENSOR, RK_READ_TENSOR_BYTES, rk_handle_read_tensor},
    {RK_MESSAGE_RESET, RK_RESET_BYTES, rk_handle_reset},
};

static int32_t execute(rk_session *session, uint8_t type, const uint8_t *payload, uint32_t length, rk_writer *reply) {
    for (uint32_t index = 0; index < sizeof requests / sizeof requests[0]; index++) {
        const struct request *request = &requests[index];
        if (request->type != type) continue;
        return length < request->fixed_bytes ? RK_LINK_LENGTH : request->handle(session, payload, length, reply);
    }
    return RK_LINK_MESSAGE;
}

/* A request out of sequence is answered, but leaves no trace: the next right one still fits. */
static void refuse(uint8_t type, uint8_t sequence, int32_t status) {
    uint8_t content[HEAD_BYTES + STATUS_BYTES + 4] = {(uint8_t)(type | RK_LINK_REPLY_BIT), sequence};
    rk_writer writer = {content + HEAD_BYTES, content + HEAD_BYTES + STATUS_BYTES};
    rk_put_u16(&writer, (uint32_t)status);
    rk_frame_send(content, HEAD_BYTES + STATUS_BYTES);
}

static void answer(rk_session *session) {
    uint32_t length = session->decoder.length - RK_LINK_FRAME_OVERHEAD_BYTES;
    uint8_t type = session->received[0];
    uint8_t sequence = session->received[1];
    uint32_t crc = rk_get_u32(session->received + HEAD_BYTES + length);
    if (type >= RK_LINK_REPLY_BIT) return; /* our own replies, from a line that echoes */
    if (type != RK_MESSAGE_HELLO) {
        if (session->reply_bytes == 0) {
            refuse(type, sequence, RK_LINK_ORDER);
            return;
        }
        if (type == session->last_type && sequence == session->last_sequence && crc == session->last_crc) {
            rk_frame_repeat(session->reply, session->reply_bytes);
            return;
        }
        if (sequence != (uint8_t)(session->last_sequence + 1)) {
            refuse(type, sequence, RK_LINK_SEQUENCE);
            return;
        }
    }
    session->last_type = type;
    session->last_sequence = sequence;
    session->last_crc = crc;
    session->reply[0] = (uint8_t)(type | RK_LINK_REPLY_BIT);
    session->reply[1] = sequence;
    uint8_t *status_at = session->reply + HEAD_BYTES;
    rk_writer reply = {status_at + STATUS_BYTES, session->reply + RK_FRAME_BYTES - 4};
    int32_t status = execute(session, type, session->received + HEAD_BYTES, length, &reply);
    rk_writer writer = {status_at, status_at + STATUS_BYTES};
    rk_put_u16(&writer, (uint32_t)status);
    uint32_t content_bytes = (uint32_t)(reply.at - session->reply);
    rk_frame_send(session->reply, content_bytes);
    session->reply_bytes = content_bytes + 4;
}

void rk_session_receive(rk_session *session, uint8_t byte) {
    rk_frame_event event = rk_frame_decoder_push(&session->decoder, byte);
    if (event == RK_FRAME_MORE) return;
    if (event == RK_FRAME_WHOLE) {
        answer(session);
        return;
    }
    uint8_t content[HEAD_BYTES + RK_DAMAGED_BYTES + 4] = {RK_EVENT_DAMAGED, 0, event == RK_FRAME_TOO_LONG ? 2 : 1};
    rk_frame_send(content, HEAD_BYTES + RK_DAMAGED_BYTES);
}

void rk_session_fault(uint32_t kind, uint32_t pc, uint32_t lr) {
    uint8_t content[HEAD_BYTES + RK_FAULT_BYTES + 4] = {RK_EVENT_FAULT, 0};
    rk_writer writer = {content + HEAD_BYTES, content + HEAD_BYTES + RK_FAULT_BYTES};
    rk_put_u8(&writer, kind);
    rk_put_u32(&writer, pc);
    rk_put_u32(&writer, lr);
    rk_frame_send(content, HEAD_BYTES + RK_FAULT_BYTES);
}
