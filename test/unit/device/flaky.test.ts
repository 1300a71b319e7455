/** The real firmware behind a bad line: every answer is right, or there is an error; nothing hangs. */
import { describe, expect, it } from 'vitest';
import { BitwrightError } from '../../../src/base/errors.ts';
import { openDevice } from '../../../src/device/registry.ts';
import { parseFlaky } from '../../../src/device/transports/flaky.ts';
import { pack } from '../../../src/package/pack.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { randomInputs, sampleProgram } from '../simulate/sample-program.ts';

describe('flaky', () => {
  const program = sampleProgram(11);

  it('gives right answers on a line with one fault in 2000 bytes', async () => {
    const seed = Math.floor(Math.random() * 1e6);
    console.log(`flaky seed ${seed}`);
    const device = await openDevice(`flaky:0.0005:${seed}:pico-emulator`);
    expect(device.info.evidence).toBe('emulator');
    expect((await device.load(pack(program))).arenaBytes).toBe(program.arenaBytes);
    for (let sample = 0; sample < 4; sample++) {
      const inputs = randomInputs(program, 1, sample);
      expect((await device.run(inputs)).outputs).toEqual(runReference(program, inputs));
    }
    await device.close();
  }, 60_000);

  it('ends with an error, and soon, on a line where nothing gets through', async () => {
    const device = await openDevice('flaky:0:1:pico-emulator');
    await device.close();
    const hopeless = openDevice('flaky:0.5:3:pico-emulator', { timeoutMs: 1500 });
    await expect(hopeless).rejects.toBeInstanceOf(BitwrightError);
  }, 30_000);

  it('parses its argument and refuses others', async () => {
    expect(parseFlaky('0.01:7:qemu:mps2-an386')).toEqual({ rate: 0.01, seed: 7, device: 'qemu:mps2-an386' });
    for (const wrong of ['', '1:2:reference', 'x:1:pico-emulator', '0.1:2:']) {
      expect(() => parseFlaky(wrong)).toThrow(BitwrightError);
    }
    await expect(openDevice('flaky:0.1:2:reference')).rejects.toMatchObject({ code: 'USAGE' });
  });
});
