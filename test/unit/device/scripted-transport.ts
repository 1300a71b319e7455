/** A device that does what a test says: answers frames by a function, or sends whatever bytes it likes. */
import { encodeFrame, type Frame, FrameDecoder } from '../../../src/device/frame.ts';
import { linkLimits, messages } from '../../../src/device/protocol-spec.ts';
import type { ByteTransport } from '../../../src/device/transport.ts';

export type Behaviour = (frame: Frame, send: (bytes: Uint8Array) => void) => void;

export function scriptedTransport(
  behaviour: Behaviour,
  baud: number | null = null,
): ByteTransport & { end(reason: string): void; closed: boolean } {
  const decoder = new FrameDecoder();
  let onBytes: (bytes: Uint8Array) => void = () => {};
  let onEnd: (reason: string) => void = () => {};
  const transport = {
    description: 'scripted device',
    baud,
    evidence: 'device' as const,
    latencyMs: 4,
    closed: false,
    write: async (bytes: Uint8Array) => {
      for (const frame of decoder.push(bytes)) {
        setTimeout(() => behaviour(frame, (answer) => transport.closed || onBytes(answer)));
      }
    },
    onBytes: (listener: (bytes: Uint8Array) => void) => {
      onBytes = listener;
    },
    onEnd: (listener: (reason: string) => void) => {
      onEnd = listener;
    },
    end: (reason: string) => onEnd(reason),
    close: async () => {
      transport.closed = true;
    },
  };
  return transport;
}

export function reply(frame: Frame, payload: readonly number[] | Uint8Array): Uint8Array {
  return encodeFrame({
    type: frame.type | linkLimits.replyBit,
    sequence: frame.sequence,
    payload: Uint8Array.from(payload),
  });
}

export function event(type: number, sequence: number, payload: readonly number[]): Uint8Array {
  return encodeFrame({ type, sequence, payload: Uint8Array.from(payload) });
}

const u16 = (value: number): number[] => [value & 255, value >> 8];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];
const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)];

/** A right answer to HELLO, with fields that a test may change. */
export function helloPayload(
  changes: { version?: number; status?: number; payloadBytesMax?: number; costUnit?: number } = {},
): number[] {
  const { version = 1, status = 0, payloadBytesMax = 256, costUnit = 1 } = changes;
  return [
    ...[...u16(status & 0xffff), version, 1, 1, costUnit, ...u16(payloadBytesMax), ...u32(1_000_000), ...u32(100_000)],
    ...[...u16(1), 1, ...u16(1), 1, 1, 1, ...u16(1), ...text('scripted'), ...text('0.0.0')],
  ];
}

/** Answers HELLO well and leaves the rest to `behaviour`. */
export function afterHello(behaviour: Behaviour): Behaviour {
  return (frame, send) => {
    if (frame.type === messages.hello.code) send(reply(frame, helloPayload()));
    else behaviour(frame, send);
  };
}
