import { describe, expect, it } from 'vitest';
import { Link } from '../../../src/device/link.ts';
import { events } from '../../../src/device/protocol-spec.ts';
import { type Behaviour, event, reply, scriptedTransport } from './scripted-transport.ts';

const ok = [0, 0];
const open = (behaviour: Behaviour, silenceMs = 400): Link => new Link(scriptedTransport(behaviour), { silenceMs });
const echo = (link: Link) => link.request('echo', { data: Uint8Array.of(1, 2, 3) });

describe('a request', () => {
  it('is sent again until its reply is there, and counts that', async () => {
    let seen = 0;
    const link = open((frame, send) => ++seen === 3 && send(reply(frame, [...ok, ...frame.payload])));
    expect((await echo(link)).reply!.data).toEqual(Uint8Array.of(1, 2, 3));
    expect(link.statistics.retries).toBe(2);
    await link.close();
  });

  it('keeps its sequence number when repeated, and the next one has the next number', async () => {
    const sequences: number[] = [];
    const link = open((frame, send) => {
      sequences.push(frame.sequence);
      if (sequences.length !== 1) send(reply(frame, ok));
    });
    await echo(link);
    await echo(link);
    expect(sequences[1]).toBe(sequences[0]);
    expect(sequences.at(-1)).toBe((sequences[0]! + 1) & 255);
    await link.close();
  });

  it('takes no reply of another request, another type or a damaged one', async () => {
    const link = open((frame, send) => {
      send(reply({ ...frame, sequence: (frame.sequence + 1) & 255 }, [...ok, 9]));
      send(reply({ ...frame, type: frame.type + 1 }, [...ok, 9]));
      const damaged = reply(frame, [...ok, 9]);
      damaged[4]! ^= 0x10;
      send(damaged);
      send(reply(frame, [...ok, 7]));
    });
    expect((await echo(link)).reply!.data).toEqual(Uint8Array.of(7));
    await link.close();
  });

  it('is repeated at once when the device says that it arrived damaged', async () => {
    let seen = 0;
    const transport = scriptedTransport((frame, send) =>
      send(++seen === 1 ? event(events.damaged.code, 0, [1]) : reply(frame, ok)),
    );
    const link = new Link({ ...transport, latencyMs: 5000 }, { silenceMs: 20_000 });
    const started = performance.now();
    await echo(link);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(link.statistics.retries).toBe(1);
    await link.close();
  });

  it('ends when a device sends DAMAGED for ever', async () => {
    const link = open((_frame, send) => send(event(events.damaged.code, 0, [1])));
    await expect(echo(link)).rejects.toMatchObject({ code: 'DEVICE_SILENT' });
    await link.close();
  });

  it('ends when a device sends BUSY for ever without getting on', async () => {
    const link = open((frame, send) => {
      const again = (): void => {
        send(event(events.busy.code, frame.sequence, [3, 0]));
        setTimeout(again, 20).unref();
      };
      again();
    });
    await expect(link.request('run', {})).rejects.toMatchObject({ code: 'DEVICE_FAULT' });
    await link.close();
  });

  it('waits for a device that gets on slowly', async () => {
    const link = open((frame, send) => {
      for (const operation of [0, 1, 2, 3]) {
        setTimeout(() => send(event(events.busy.code, frame.sequence, [operation, 0])), 150 * operation);
      }
      setTimeout(() => send(reply(frame, [...ok, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0])), 700);
    }, 250);
    expect((await link.request('run', {})).reply!.cost).toBe(1);
    await link.close();
  });

  it('fails with the program counter when the processor faults, and so does every later one', async () => {
    const link = open((_frame, send) =>
      send(event(events.fault.code, 0, [3, 0x34, 0x12, 0, 0x20, 0x78, 0x56, 0, 0x20])),
    );
    await expect(echo(link)).rejects.toMatchObject({
      code: 'DEVICE_FAULT',
      message: expect.stringContaining('0x20001234') as string,
    });
    await expect(echo(link)).rejects.toMatchObject({ code: 'DEVICE_FAULT' });
    await link.close();
  });

  it('fails at once when the connection ends, a write fails, or the caller aborts', async () => {
    const transport = scriptedTransport(() => {});
    const ended = echo(new Link(transport, { silenceMs: 9000 }));
    transport.end('unplugged');
    await expect(ended).rejects.toMatchObject({
      code: 'LINK_FAILED',
      message: expect.stringContaining('unplugged') as string,
    });

    const broken = new Link(
      { ...scriptedTransport(() => {}), write: () => Promise.reject(new Error('EIO')) },
      { silenceMs: 9000 },
    );
    await expect(echo(broken)).rejects.toMatchObject({
      code: 'LINK_FAILED',
      message: expect.stringContaining('EIO') as string,
    });

    const controller = new AbortController();
    const aborted = echo(
      new Link(
        scriptedTransport(() => {}),
        { silenceMs: 9000, signal: controller.signal },
      ),
    );
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('tells a reply that does not follow the protocol from a refusal', async () => {
    const link = open((frame, send) => send(reply(frame, [0])));
    await expect(echo(link)).rejects.toMatchObject({ code: 'LINK_FAILED' });
    await link.close();
    const refusing = open((frame, send) => send(reply(frame, [0x38, 0xff])));
    expect(await echo(refusing)).toEqual({ reply: null, status: -200 });
    await refusing.close();
  });
});
