/**
 * The firmware itself as a program of this machine under sanitizers: it does what every device does, and no bytes on its input, be they noise
 * or well-formed frames with hostile contents, make it touch memory that is not its own, stop answering or end.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { crc32 } from '../../src/base/bytes.ts';
import { startChild } from '../../src/device/child-stream.ts';
import { encodeFrame, type Frame, FrameDecoder } from '../../src/device/frame.ts';
import { encodeRequest, type MessageName, type Request } from '../../src/device/protocol.ts';
import { linkLimits, linkStatus, messages } from '../../src/device/protocol-spec.ts';
import { openSession } from '../../src/device/session.ts';
import type { ByteTransport } from '../../src/device/transport.ts';
import { tensorElements } from '../../src/graph/integer-program.ts';
import { pack } from '../../src/package/pack.ts';
import { deviceConformance } from '../unit/device/conformance.ts';
import { patched, sampleProgram } from '../unit/simulate/sample-program.ts';
import { buildHostFirmware, hostCompiler } from './host-firmware.ts';

const compiler = await hostCompiler();
if (compiler === null)
  console.warn('Skipped: no C compiler (clang, gcc or cc) to build the firmware for this machine.');

let program = '';
beforeAll(async () => {
  if (compiler !== null) program = await buildHostFirmware(compiler);
}, 120_000);

const start = (): Promise<ByteTransport> =>
  startChild(program, [], { description: 'firmware on this machine', latencyMs: 500, evidence: 'simulator' });

/** Sends frames and raw bytes, and collects what comes back. */
class Wire {
  readonly frames: Frame[] = [];
  readonly #transport: ByteTransport;
  readonly #decoder = new FrameDecoder();
  #sequence = 0;
  #wake: () => void = () => {};
  ended: string | null = null;

  constructor(transport: ByteTransport) {
    this.#transport = transport;
    transport.onBytes((bytes) => {
      this.frames.push(...this.#decoder.push(bytes));
      this.#wake();
    });
    transport.onEnd((reason) => {
      this.ended = reason;
      this.#wake();
    });
  }

  raw(bytes: Uint8Array): Promise<void> {
    return this.#transport.write(bytes);
  }

  /** Sends a request with the next number (or `sequence`) and waits for its reply. */
  async ask<N extends MessageName>(name: N, values: Request<N>, sequence?: number): Promise<Frame> {
    this.#sequence = sequence ?? (this.#sequence + 1) & 255;
    const before = this.frames.length;
    await this.raw(
      encodeFrame({ type: messages[name].code, sequence: this.#sequence, payload: encodeRequest(name, values) }),
    );
    const isReply = ({ type, sequence: of }: Frame): boolean =>
      type === (messages[name].code | linkLimits.replyBit) && of === this.#sequence;
    const deadlineMs = performance.now() + 5000;
    while (performance.now() < deadlineMs) {
      const found = this.frames.slice(before).find(isReply);
      if (found !== undefined) return found;
      if (this.ended !== null) throw new Error(this.ended);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 1000).unref();
      });
    }
    throw new Error(`no reply to ${name}`);
  }

  hello(): Promise<Frame> {
    return this.ask('hello', { magic: linkLimits.helloMagic, versionMin: 1, versionMax: 1 });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}

const statusOf = ({ payload }: Frame): number => new DataView(payload.buffer, payload.byteOffset).getInt16(0, true);

describe.skipIf(compiler === null)('the firmware on this machine', () => {
  deviceConformance(async () => openSession(await start(), { kind: 'posix', id: 'posix', startMs: 5000 }));

  it('executes a repeated request once, and refuses numbers out of order', async () => {
    const wire = new Wire(await start());
    expect(statusOf(await wire.ask('echo', { data: Uint8Array.of(1) }, 9))).toBe(linkStatus.order.code);
    await wire.ask('hello', { magic: linkLimits.helloMagic, versionMin: 1, versionMax: 9 }, 41);
    const bytes = pack(sampleProgram(1));
    expect(statusOf(await wire.ask('loadBegin', { programBytes: bytes.length, crc: crc32(bytes) }, 42))).toBe(0);
    expect(statusOf(await wire.ask('loadData', { offset: 0, data: bytes }, 43))).toBe(0);
    const first = await wire.ask('loadEnd', {}, 44);
    expect(statusOf(first)).toBe(0);
    /* executed twice, LOAD_END would be refused: nothing is half loaded any more */
    expect((await wire.ask('loadEnd', {}, 44)).payload).toEqual(first.payload);
    expect(statusOf(await wire.ask('run', {}, 46))).toBe(linkStatus.sequence.code);
    expect(statusOf(await wire.ask('run', {}, 45))).toBe(0);
    await wire.close();
  });

  it('refuses whatever lies outside the program', async () => {
    const program = sampleProgram(1);
    const bytes = pack(program);
    const wire = new Wire(await start());
    await wire.hello();
    await wire.ask('loadBegin', { programBytes: bytes.length, crc: crc32(bytes) });
    const past = await wire.ask('loadData', { offset: bytes.length - 1, data: Uint8Array.of(1, 2) });
    await wire.ask('loadData', { offset: 0, data: bytes });
    await wire.ask('loadEnd', {});
    const inputBytes = tensorElements(program.tensors[program.inputs[0]!]!);
    const operations = program.operations.length;
    const refused = [
      past,
      await wire.ask('writeInput', { port: 0, offset: inputBytes, data: Uint8Array.of(1) }),
      await wire.ask('writeInput', { port: 0, offset: 0xffffffff, data: Uint8Array.of(1) }),
      await wire.ask('writeInput', { port: 1, offset: 0, data: Uint8Array.of(1) }),
      await wire.ask('readOutput', { port: 0, offset: 1, length: 10 }),
      await wire.ask('readTensor', { tensor: program.tensors.length, offset: 0, length: 1 }),
      await wire.ask('runTo', { operation: operations }),
      await wire.ask('trace', { first: 0, count: operations + 1 }),
      await wire.ask('trace', { first: 0, count: 0 }),
    ];
    expect(refused.map(statusOf)).toEqual(refused.map(() => linkStatus.range.code));
    expect(statusOf(await wire.ask('trace', { first: 1, count: 1 }))).toBe(linkStatus.order.code);
    const tooLarge = await wire.ask('loadBegin', { programBytes: 0xfffffff0, crc: 0 });
    expect(statusOf(tooLarge)).toBe(linkStatus.memory.code);
    await wire.close();
  });

  it('says which versions it speaks when none fits', async () => {
    const wire = new Wire(await start());
    const answer = await wire.ask('hello', { magic: linkLimits.helloMagic, versionMin: 7, versionMax: 9 });
    expect([...answer.payload.subarray(0, 5)]).toEqual([0x38, 0xff, 0, 1, 1]);
    await wire.close();
  });

  it('answers after any noise', async () => {
    const wire = new Wire(await start());
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 6000 }), async (noise) => {
        await wire.raw(noise);
        expect(statusOf(await wire.hello())).toBe(0);
      }),
      { numRuns: 200 },
    );
    await wire.close();
  }, 120_000);

  const small = fc.oneof(fc.nat(20), fc.nat(70_000), fc.constantFrom(0xffffffff, 0x7fffffff, 0xfffffff0));
  const port = fc.oneof(fc.constant(0), fc.nat(255));
  const tensor = fc.oneof(fc.nat(6), fc.nat(65535));
  const request = fc.oneof(
    fc.record({ name: fc.constant('loadBegin' as const), programBytes: small, crc: small }),
    fc.record({ name: fc.constant('loadData' as const), offset: small, data: fc.uint8Array({ maxLength: 300 }) }),
    fc.record({ name: fc.constantFrom('loadEnd' as const, 'run' as const, 'reset' as const) }),
    fc.record({
      name: fc.constant('writeInput' as const),
      port,
      offset: small,
      data: fc.uint8Array({ maxLength: 99 }),
    }),
    fc.record({ name: fc.constant('readOutput' as const), port, offset: small, length: fc.nat(65535) }),
    fc.record({
      name: fc.constant('readTensor' as const),
      tensor,
      offset: small,
      length: fc.nat(65535),
    }),
    fc.record({ name: fc.constant('trace' as const), first: fc.nat(70), count: fc.nat(65535) }),
    fc.record({ name: fc.constant('runTo' as const), operation: fc.nat(70) }),
  );

  it('survives any order of requests with any values, with and without a program', async () => {
    const wire = new Wire(await start());
    const bytes = pack(sampleProgram(1));
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(request, { maxLength: 25 }), async (loaded, requests) => {
        await wire.hello();
        await wire.ask('reset', {});
        if (loaded) {
          await wire.ask('loadBegin', { programBytes: bytes.length, crc: crc32(bytes) });
          await wire.ask('loadData', { offset: 0, data: bytes });
          await wire.ask('loadEnd', {});
        }
        for (const { name, ...values } of requests) await wire.ask(name, values as never);
      }),
      { numRuns: 150 },
    );
    await wire.close();
  }, 300_000);

  it('refuses or runs any changed program, and stays in its memory', async () => {
    const wire = new Wire(await start());
    const good = pack(sampleProgram(1));
    await wire.hello();
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 17), fc.nat(255), async (offset, value) => {
        const bytes = patched(good, 16 + offset, value);
        await wire.ask('loadBegin', { programBytes: bytes.length, crc: crc32(bytes) });
        await wire.ask('loadData', { offset: 0, data: bytes });
        if (statusOf(await wire.ask('loadEnd', {})) === 0) await wire.ask('run', {});
      }),
      { numRuns: 1500 },
    );
    await wire.close();
  }, 300_000);
});
