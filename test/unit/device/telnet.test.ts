import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  escapeTelnet,
  negotiate,
  subnegotiate,
  TelnetDecoder,
  type TelnetEvent,
  telnet,
} from '../../../src/device/telnet.ts';

describe('Telnet', () => {
  it('carries any bytes, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 40 }), (data, step) => {
        const wire = escapeTelnet(data);
        const decoder = new TelnetDecoder(() => expect.unreachable());
        const seen: number[] = [];
        for (let at = 0; at < wire.length; at += step) seen.push(...decoder.push(wire.subarray(at, at + step)));
        expect(seen).toEqual([...data]);
      }),
    );
  });

  it('keeps options apart from data', () => {
    const events: TelnetEvent[] = [];
    const decoder = new TelnetDecoder((event) => events.push(event));
    const rate = Uint8Array.of(telnet.optionComPort, 101, 0, 0xff, 0, 0);
    const wire = [0x41, ...negotiate(telnet.doIt, 44), 0x42, ...subnegotiate(rate), 0x43, 255, 241, 0x44];
    expect([...decoder.push(Uint8Array.from(wire))]).toEqual([0x41, 0x42, 0x43, 0x44]);
    expect(events).toEqual([
      { kind: 'negotiation', command: telnet.doIt, option: 44 },
      { kind: 'subnegotiation', bytes: rate },
    ]);
  });

  it('survives a subnegotiation that does not end', () => {
    const decoder = new TelnetDecoder(() => {});
    expect(decoder.push(Uint8Array.of(255, 250, ...new Uint8Array(5000).fill(7)))).toHaveLength(0);
  });
});
