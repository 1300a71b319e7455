/** The serial transport on a real terminal device: QEMU gives its UART a pty. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDevice } from '../../src/device/registry.ts';
import { provider as qemu } from '../../src/device/transports/qemu.ts';
import { pack } from '../../src/package/pack.ts';
import { runReference } from '../../src/simulate/reference-engine.ts';
import { randomInputs, sampleProgram } from '../unit/simulate/sample-program.ts';

const { available, detail } = await qemu.probe();
const hasPty = process.platform !== 'win32';
if (!available) console.warn(`Skipped: ${detail}`);
if (!hasPty) console.warn('Skipped: no pty on this system');
const image = fileURLToPath(new URL('../../runtime-kernels/prebuilt/mps2-an386.elf', import.meta.url));

/** Runs `use` with the path of a pty that leads to the firmware. */
async function withPty(use: (path: string) => Promise<void>): Promise<void> {
  const quiet = ['-display', 'none', '-monitor', 'none', '-nodefaults', '-icount', 'shift=0'];
  const child = spawn('qemu-system-arm', ['-M', 'mps2-an386', ...quiet, '-serial', 'pty', '-kernel', image]);
  try {
    const path = await new Promise<string>((resolve, reject) => {
      const read = (text: Buffer): void => {
        const found = /redirected to (\S+)/.exec(text.toString())?.[1];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', () => reject(new Error('QEMU ended')));
    });
    await use(path);
  } finally {
    child.kill('SIGKILL');
  }
}

describe.skipIf(!available || !hasPty)('serial', () => {
  it('runs a program on a board behind a terminal device', async () => {
    await withPty(async (path) => {
      const device = await openDevice(`serial:${path}:115200`);
      const program = sampleProgram(4);
      const inputs = randomInputs(program, 1, 4);
      expect(device.info.evidence).toBe('emulator'); /* it counts instructions */
      await device.load(pack(program));
      expect((await device.run(inputs)).outputs).toEqual(runReference(program, inputs));
      expect(device.link!.baud).toBe(115_200);
      await device.close();
    });
  });

  it('tells a port that another program holds', async () => {
    await withPty(async (path) => {
      const holder = await openDevice(`serial:${path}`);
      await expect(openDevice(`serial:${path}`)).rejects.toMatchObject({
        code: 'DEVICE_UNAVAILABLE',
        message: expect.stringContaining('in use') as string,
      });
      await holder.close();
    });
  });
});
