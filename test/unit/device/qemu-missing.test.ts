import { afterEach, describe, expect, it } from 'vitest';
import { openDevice } from '../../../src/device/registry.ts';
import { provider as qemu } from '../../../src/device/transports/qemu.ts';

describe('a machine without QEMU', () => {
  const path = process.env.PATH;
  afterEach(() => {
    process.env.PATH = path;
  });

  it('is told which package to install, and which device needs nothing', async () => {
    process.env.PATH = '';
    const error = await openDevice('qemu:mps2-an386').catch((e: Error) => e);
    expect(error).toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
    expect((error as Error).message).toMatch(/apt install qemu-system-arm.*pico-emulator/s);
    expect((await qemu.probe()).available).toBe(false);
  });

  it('is told which boards there are', async () => {
    await expect(openDevice('qemu:toaster')).rejects.toMatchObject({
      code: 'DEVICE_UNKNOWN',
      message: expect.stringContaining('mps2-an386') as string,
    });
    await expect(openDevice('qemu:constructor')).rejects.toMatchObject({ code: 'DEVICE_UNKNOWN' });
  });
});
