import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, type Frame, FrameDecoder } from '../../../src/device/frame.ts';
import { linkLimits } from '../../../src/device/protocol-spec.ts';

const anyFrame = fc.record({
  type: fc.nat(255),
  sequence: fc.nat(255),
  /* zeros and long runs without one are the two things that stuffing treats apart */
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.array(fc.constantFrom(0, 1, 255), { maxLength: 600 }).map((bytes) => Uint8Array.from(bytes)),
    fc.nat(1100).map((length) => new Uint8Array(length).fill(7)),
  ),
});

const plain = ({ type, sequence, payload }: Frame) => ({ type, sequence, payload: [...payload] });

describe('frames', () => {
  it('are stuffed as docs/link-protocol.md works out by hand', () => {
    /* HELLO with sequence 0 and no payload. CRC-32 of 01 00 by zlib: 0x58C223BE. */
    const wire = encodeFrame({ type: 1, sequence: 0, payload: new Uint8Array(0) });
    expect([...wire]).toEqual([0x00, 0x02, 0x01, 0x05, 0xbe, 0x23, 0xc2, 0x58, 0x00]);
  });

  it('come back as they were sent, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 5 }), fc.integer({ min: 1, max: 97 }), (frames, step) => {
        const wire = Uint8Array.from(frames.flatMap((frame) => [...encodeFrame(frame)]));
        const decoder = new FrameDecoder();
        const seen: Frame[] = [];
        for (let at = 0; at < wire.length; at += step) seen.push(...decoder.push(wire.subarray(at, at + step)));
        expect(seen.map(plain)).toEqual(frames.map((frame) => plain(frame as Frame)));
        expect(decoder.damaged).toBe(0);
      }),
    );
  });

  it('have no zero inside, and cost at most one byte in 254 and nine', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const wire = encodeFrame(frame);
        expect(wire.subarray(1, -1).includes(0)).toBe(false);
        expect(wire.length).toBeLessThanOrEqual(frame.payload.length + 9 + Math.ceil((frame.payload.length + 6) / 254));
      }),
    );
  });

  it('are found again after any garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), anyFrame, (garbage, frame) => {
        const decoder = new FrameDecoder();
        decoder.push(garbage);
        expect(decoder.push(encodeFrame(frame)).map(plain)).toContainEqual(plain(frame as Frame));
      }),
    );
  });

  it('with one changed bit are dropped, never taken for others', () => {
    fc.assert(
      fc.property(anyFrame, fc.nat(), fc.nat(7), (frame, position, bit) => {
        const wire = encodeFrame(frame);
        wire[1 + (position % (wire.length - 2))]! ^= 1 << bit;
        expect(new FrameDecoder().push(wire)).toEqual([]);
      }),
    );
  });

  it('longer than the protocol allows are dropped, and the next one is taken', () => {
    const decoder = new FrameDecoder();
    const long = encodeFrame({ type: 1, sequence: 0, payload: new Uint8Array(linkLimits.payloadBytesMax + 1).fill(9) });
    expect(decoder.push(long)).toEqual([]);
    expect(decoder.damaged).toBe(1);
    expect(decoder.push(encodeFrame({ type: 2, sequence: 3, payload: new Uint8Array(4) }))).toHaveLength(1);
  });
});
