/**
 * The link protocol as data: what the host and the firmware must both know. docs/link-protocol.md says the same in tables, and
 * scripts/generate-protocol.mjs writes runtime-kernels/generated/rk_protocol.h from it. It imports nothing, so that a script can read it.
 */

/** `bytes` takes the rest of the payload; a list is a u8 count and its items; a text is a u8 length and printable ASCII. All little-endian. */
export type FieldKind = 'u8' | 'u16' | 'i16' | 'u32' | 'u64' | 'bytes' | 'u8List' | 'u16List' | 'text';

export interface FieldSpec {
  readonly name: string;
  readonly kind: FieldKind;
  readonly doc: string;
}

export interface MessageSpec {
  readonly code: number;
  readonly doc: string;
  readonly request: readonly FieldSpec[];
  readonly reply: readonly FieldSpec[];
}

export const linkLimits = {
  /** Bytes of a frame that are not payload: type, sequence, CRC-32. */
  frameOverheadBytes: 6,
  /** Payload that every device takes, before HELLO has told its own limit. */
  helloPayloadBytesMax: 64,
  /** No device may announce more. */
  payloadBytesMax: 32768,
  /** Bit of the type byte that makes a reply of a request. */
  replyBit: 0x80,
  /** First word of HELLO: the bytes `BWLK`. */
  helloMagic: 0x4b4c5742,
  versionMin: 1,
  versionMax: 1,
} as const;

const status = { name: 'status', kind: 'i16', doc: '0, or what was wrong' } as const;
const data = { name: 'data', kind: 'bytes', doc: 'the bytes' } as const;
const offset = { name: 'offset', kind: 'u32', doc: 'first byte' } as const;
const length = { name: 'length', kind: 'u16', doc: 'bytes wanted' } as const;
const cost = { name: 'cost', kind: 'u64', doc: 'cost of the operations just run, in the unit of HELLO' } as const;
const stoppedAt = { name: 'operation', kind: 'u16', doc: 'last operation run, or the one that failed' } as const;

/** Requests of the host. Every reply begins with `status`; where it is not 0 the rest may be missing. */
export const messages = {
  hello: {
    code: 0x01,
    doc: 'Opens a session, agrees on a version and asks what the device is. Never refused as a repeat; sets the sequence.',
    request: [
      { name: 'magic', kind: 'u32', doc: '0x4B4C5742' },
      { name: 'versionMin', kind: 'u8', doc: 'lowest version that the host speaks' },
      { name: 'versionMax', kind: 'u8', doc: 'highest' },
    ],
    reply: [
      status,
      { name: 'version', kind: 'u8', doc: 'version of this session, 0 if none fits' },
      { name: 'versionMin', kind: 'u8', doc: 'lowest version that the device speaks' },
      { name: 'versionMax', kind: 'u8', doc: 'highest' },
      { name: 'costUnit', kind: 'u8', doc: '0 none, 1 cycles, 2 instructions, 3 nanoseconds' },
      { name: 'payloadBytesMax', kind: 'u16', doc: 'largest payload that the device takes and sends' },
      { name: 'clockHz', kind: 'u32', doc: 'core clock, 0 if unknown' },
      { name: 'memoryBytes', kind: 'u32', doc: 'bytes for the program and its arena together' },
      { name: 'programVersion', kind: 'u16', doc: 'version of program.bin that it reads' },
      { name: 'profiles', kind: 'u16List', doc: 'codes of the numeric profiles' },
      { name: 'rules', kind: 'u8List', doc: 'codes of the requantization rules' },
      { name: 'opcodes', kind: 'u16List', doc: 'opcodes of the kernels' },
      { name: 'port', kind: 'text', doc: 'what board the firmware was built for' },
      { name: 'firmware', kind: 'text', doc: 'version of the firmware' },
    ],
  },
  echo: {
    code: 0x02,
    doc: 'Sends the payload back: measures and tests the link.',
    request: [data],
    reply: [status, data],
  },
  loadBegin: {
    code: 0x03,
    doc: 'Announces a program; forgets the one before, unless it is the same.',
    request: [
      { name: 'programBytes', kind: 'u32', doc: 'length of program.bin' },
      { name: 'crc', kind: 'u32', doc: 'CRC-32 of the whole file' },
    ],
    reply: [status, { name: 'present', kind: 'u8', doc: '1: these very bytes are already there, go on with LOAD_END' }],
  },
  loadData: { code: 0x04, doc: 'A piece of the program.', request: [offset, data], reply: [status] },
  loadEnd: {
    code: 0x05,
    doc: 'Checks the whole: CRC-32 first, then every record. From here on the program can run.',
    request: [],
    reply: [
      status,
      { name: 'arenaBytes', kind: 'u32', doc: 'arena that the device set aside' },
      { name: 'operationCount', kind: 'u16', doc: 'operations of the program' },
    ],
  },
  writeInput: {
    code: 0x06,
    doc: 'A piece of an input tensor.',
    request: [{ name: 'port', kind: 'u8', doc: 'input of the program, from 0' }, offset, data],
    reply: [status],
  },
  run: { code: 0x07, doc: 'Runs every operation.', request: [], reply: [status, stoppedAt, cost] },
  readOutput: {
    code: 0x08,
    doc: 'A piece of an output tensor.',
    request: [{ name: 'port', kind: 'u8', doc: 'output of the program, from 0' }, offset, length],
    reply: [status, data],
  },
  trace: {
    code: 0x09,
    doc: 'Runs some operations and tells of each. `first` is 0 or goes on where the TRACE before ended.',
    request: [
      { name: 'first', kind: 'u16', doc: 'operation to begin with' },
      { name: 'count', kind: 'u16', doc: 'operations to run, at least 1, as many as fit the payload' },
    ],
    reply: [
      status,
      stoppedAt,
      { name: 'records', kind: 'bytes', doc: 'per operation: u32 CRC-32 of its output, u64 cost' },
    ],
  },
  runTo: {
    code: 0x0a,
    doc: 'Runs the operations from 0 up to and including one.',
    request: [{ name: 'operation', kind: 'u16', doc: 'last operation to run' }],
    reply: [status, stoppedAt, cost],
  },
  readTensor: {
    code: 0x0b,
    doc: 'A piece of any tensor; meaningful while the memory plan keeps it, such as right after RUN_TO.',
    request: [{ name: 'tensor', kind: 'u16', doc: 'index of the tensor record' }, offset, length],
    reply: [status, data],
  },
  reset: { code: 0x0c, doc: 'Forgets the program.', request: [], reply: [status] },
} as const satisfies Record<string, MessageSpec>;

/** What the device sends unasked. BUSY carries the sequence of the request that it works on; the others carry 0. */
export const events = {
  busy: {
    code: 0x60,
    doc: 'Still working. Sent when RUN, RUN_TO or TRACE starts and between operations while it lasts.',
    fields: [{ name: 'operation', kind: 'u16', doc: 'operation about to run' }],
  },
  fault: {
    code: 0x61,
    doc: 'The processor faulted; the device starts again after this.',
    fields: [
      { name: 'kind', kind: 'u8', doc: 'exception number' },
      { name: 'pc', kind: 'u32', doc: 'program counter' },
      { name: 'lr', kind: 'u32', doc: 'link register' },
    ],
  },
  damaged: {
    code: 0x62,
    doc: 'A frame came in damaged: the host sends its request again at once.',
    fields: [{ name: 'reason', kind: 'u8', doc: '1 wrong CRC or stuffing, 2 too long' }],
  },
} as const satisfies Record<string, { code: number; doc: string; fields: readonly FieldSpec[] }>;

/** Statuses of the link itself; those of programs and kernels are in src/graph/status-codes.ts and lie above these. */
export const linkStatus = {
  version: { code: -200, text: 'no protocol version fits both sides' },
  message: { code: -201, text: 'message type not known' },
  length: { code: -202, text: 'payload has the wrong length' },
  sequence: { code: -203, text: 'sequence number does not follow the one before' },
  order: { code: -204, text: 'not now: HELLO or a whole program is missing, or a TRACE does not go on from the last' },
  memory: { code: -205, text: 'program and arena do not fit the memory' },
  programCrc: { code: -206, text: 'program arrived with another CRC-32' },
  range: { code: -207, text: 'port, tensor, operation, offset or length outside the program' },
} as const;

export const bytesPerTraceRecord = 12;

export const costUnits = ['none', 'cycles', 'instructions', 'nanoseconds'] as const;
