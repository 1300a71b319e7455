import { describe, expect, it } from 'vitest';
import { provider } from '../../../src/device/transports/pico-emulator.ts';
import { pack } from '../../../src/package/pack.ts';
import { sampleProgram } from '../simulate/sample-program.ts';
import { deviceConformance } from './conformance.ts';

describe('pico-emulator', () => {
  deviceConformance(() => provider.open('', {}));

  it('says what it is', async () => {
    const device = await provider.open('', {});
    expect(device.info).toMatchObject({ evidence: 'emulator', costUnit: 'cycles', clockHz: 125_000_000 });
    expect(device.info.profiles).toContain('cmsis-nn');
    expect(device.info.arenaBytesMax).toBeGreaterThan(200_000);
    await device.close();
  });

  it('does not send a program again that it already holds', async () => {
    const device = await provider.open('', {});
    const program = pack(sampleProgram(5));
    const progress: number[] = [];
    await device.load(program, (done) => progress.push(done));
    expect(progress.at(-1)).toBe(program.length);
    const before = device.link!.bytes;
    await device.load(program);
    expect(device.link!.bytes - before).toBeLessThan(200);
    expect(device.link!.retries).toBe(0);
    await device.close();
  });

  it('refuses an argument', async () => {
    await expect(provider.open('x', {})).rejects.toMatchObject({ code: 'USAGE' });
  });
});
