/** What a user is told when a session does not come about: each cause has its own error. */
import { describe, expect, it } from 'vitest';
import { BitwrightError } from '../../../src/base/errors.ts';
import { encodeFrame } from '../../../src/device/frame.ts';
import { openSession } from '../../../src/device/session.ts';
import { type Behaviour, helloPayload, reply, scriptedTransport } from './scripted-transport.ts';

async function failure(behaviour: Behaviour, baud: number | null = null): Promise<BitwrightError> {
  const transport = scriptedTransport(behaviour, baud);
  const error: unknown = await openSession(transport, { kind: 'scripted', id: 'scripted', startMs: 700 }).catch(
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(BitwrightError);
  expect(transport.closed).toBe(true);
  return error as BitwrightError;
}

const text = (words: string) => new TextEncoder().encode(words);

describe('opening a session', () => {
  it('with a board that is silent', async () => {
    const error = await failure(() => {});
    expect(error).toMatchObject({ code: 'DEVICE_SILENT' });
    expect(error.message).toMatch(/not a single byte.*power, cable/s);
  });

  it('with other firmware, whose text is shown', async () => {
    const error = await failure((_frame, send) => send(text('m-name-dut-[unspecified]\r\nm-ready\r\n')));
    expect(error).toMatchObject({ code: 'DEVICE_MISMATCH' });
    expect(error.message).toContain('m-ready');
  });

  it('with text that has escape codes in it, none of which reach the terminal', async () => {
    const error = await failure((_frame, send) => send(text(`\u001b[31mroot login:${' '.repeat(40)}`)));
    expect(error.message).not.toContain('\u001b');
  });

  it('at another baud rate', async () => {
    const noise = Uint8Array.from({ length: 40 }, (_, index) => 0x80 | (index * 37));
    const error = await failure((_frame, send) => send(noise), 9600);
    expect(error).toMatchObject({ code: 'LINK_FAILED' });
    expect(error.message).toMatch(/most likely not 9600/);
  });

  it('with firmware of another protocol version', async () => {
    const error = await failure((frame, send) => send(reply(frame, helloPayload({ status: -200, version: 0 }))));
    expect(error).toMatchObject({ code: 'DEVICE_MISMATCH' });
    expect(error.message).toContain('version of the link protocol');
  });

  it.each([{ payloadBytesMax: 1 }, { payloadBytesMax: 65535 }, { costUnit: 9 }, { version: 2 }])(
    'with firmware that promises nonsense: %o',
    async (changes) => {
      const error = await failure((frame, send) => send(reply(frame, helloPayload(changes))));
      expect(error).toMatchObject({ code: 'DEVICE_MISMATCH' });
    },
  );

  it('with a line that echoes everything', async () => {
    const error = await failure((frame, send) => send(encodeFrame(frame)));
    expect(error).toMatchObject({ code: 'LINK_FAILED' });
    expect(error.message).toContain('TX and RX');
  });
});
