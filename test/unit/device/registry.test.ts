import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deviceKinds, deviceProviders, openDevice } from '../../../src/device/registry.ts';

const filesOf = (folder: string): string[] =>
  readdirSync(new URL(`../../../src/device/${folder}`, import.meta.url)).map((file) => file.replace(/\.ts$/, ''));

describe('the registry of devices', () => {
  it('has every file of devices/ and transports/ under its name', () => {
    expect([...deviceKinds].sort()).toEqual([...filesOf('devices'), ...filesOf('transports')].sort());
  });

  it('has providers that are named like their entry, say how they are used, and can be asked for', async () => {
    for (const [index, provider] of (await deviceProviders()).entries()) {
      expect(provider.kind).toBe(deviceKinds[index]);
      expect(provider.usage.startsWith(provider.kind)).toBe(true);
      expect((await provider.probe()).detail).not.toBe('');
    }
  });

  it('tells all devices when one is not known', async () => {
    for (const spec of ['', 'toaster', 'constructor', 'qemux:mps2-an386']) {
      const error = await openDevice(spec).catch((e: Error) => e);
      expect(error).toMatchObject({ code: 'DEVICE_UNKNOWN' });
      for (const kind of deviceKinds) expect((error as Error).message).toContain(kind);
    }
  });
});
