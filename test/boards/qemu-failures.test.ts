/** What goes wrong with an emulated board: a fault of its processor, an emulator that dies, and a host that is interrupted. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startChild } from '../../src/device/child-stream.ts';
import { openSession } from '../../src/device/session.ts';
import { provider as qemu } from '../../src/device/transports/qemu.ts';

const { available, detail } = await qemu.probe();
if (!available) console.warn(`Skipped: ${detail}`);
const run = promisify(execFile);
const image = fileURLToPath(new URL('../../runtime-kernels/prebuilt/mps2-an386.elf', import.meta.url));
const registry = new URL('../../dist/device/registry.js', import.meta.url).href;

/** The image with the vector of the UART's interrupt (16 + 0) pointing nowhere: the first byte that comes in makes the processor fault. */
function faultyImage(): string {
  const elf = readFileSync(image);
  const firstHeader = elf.readUInt32LE(28);
  const vectorsOffset = elf.readUInt32LE(firstHeader + 4);
  elf.writeUInt32LE(0xf0000001, vectorsOffset + 4 * 16);
  const path = join(mkdtempSync(join(tmpdir(), 'bitwright-faulty-')), 'faulty.elf');
  writeFileSync(path, elf);
  return path;
}

const emulators = async (): Promise<string[]> => {
  const { stdout } = await run('ps', ['-eo', 'pid=,ppid=,comm=']);
  return stdout.split('\n').filter((line) => line.includes('qemu-system-arm'));
};

describe.skipIf(!available)('qemu', () => {
  it('tells a fault of the processor with its program counter', async () => {
    const flags = [
      '-M',
      'mps2-an386',
      '-display',
      'none',
      '-monitor',
      'none',
      '-serial',
      'stdio',
      '-kernel',
      faultyImage(),
    ];
    const stream = await startChild('qemu-system-arm', flags, {
      description: 'a faulty board',
      latencyMs: 500,
      evidence: 'emulator',
    });
    const error = await openSession(stream, { kind: 'qemu', id: 'faulty', startMs: 5000 }).catch((e: Error) => e);
    expect(error).toMatchObject({ code: 'DEVICE_FAULT' });
    expect((error as Error).message).toMatch(/exception 3 at pc 0xf0000000/);
  });

  it('tells that the emulator died', async () => {
    const flags = ['-M', 'no-such-machine'];
    const stream = await startChild('qemu-system-arm', flags, {
      description: 'x',
      latencyMs: 500,
      evidence: 'emulator',
    });
    const error = await openSession(stream, { kind: 'qemu', id: 'x', startMs: 5000 }).catch((e: Error) => e);
    expect(error).toMatchObject({ code: 'LINK_FAILED' });
    expect((error as Error).message).toContain('unsupported machine type');
  });

  it('leaves no emulator behind when the host process is interrupted', async () => {
    const before = (await emulators()).length;
    const script = `
      const { openDevice } = await import(${JSON.stringify(registry)});
      await openDevice('qemu:mps2-an386');
      console.log('open');
      setInterval(() => {}, 1000);`;
    const host = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => host.stdout.once('data', resolve));
    const children = (await emulators()).filter((line) => line.trim().split(/\s+/)[1] === String(host.pid));
    expect(children).toHaveLength(1);
    host.kill('SIGINT');
    const ended = await new Promise<string | null>((resolve) => host.once('exit', (_code, signal) => resolve(signal)));
    expect(ended).toBe('SIGINT');
    await expect.poll(async () => (await emulators()).length, { timeout: 5000 }).toBeLessThanOrEqual(before);
  });
});
