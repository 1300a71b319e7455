/** What every device must do, run on each of them: the same codes, checksums and single operations as the TypeScript reference. */
import { expect, it } from 'vitest';
import type { RuleId } from '../../../src/arithmetic/rule.ts';
import { crc32 } from '../../../src/base/bytes.ts';
import type { Device } from '../../../src/device/device.ts';
import { bytesOf } from '../../../src/device/program-layout.ts';
import { pack } from '../../../src/package/pack.ts';
import type { CodeArray } from '../../../src/simulate/engine.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { randomInputs, sampleProgram } from '../simulate/sample-program.ts';

const rules: readonly RuleId[] = ['double', 'single', 'float32'];

export function deviceConformance(open: () => Promise<Device>): void {
  it.each(rules)('runs a small network under rule %s as the reference does, bit for bit', async (rule) => {
    const seed = 7;
    const program = sampleProgram(seed, undefined, rule);
    const inputs = randomInputs(program, 1, seed);
    const expected: CodeArray[] = [];
    const outputs = runReference(program, inputs, (_operation, _index, output) => expected.push(output.slice()));
    const device = await open();
    try {
      const loaded = await device.load(pack(program));
      expect(loaded.arenaBytes).toBe(program.arenaBytes);

      const run = await device.run(inputs);
      expect(run.outputs).toEqual(outputs);
      if (device.info.costUnit !== 'none') expect(run.cost).toBeGreaterThan(1000);

      const trace = await device.trace(inputs);
      expect(trace.checksums).toEqual(expected.map((codes) => crc32(bytesOf(codes))));
      expect(trace.costs).toHaveLength(expected.length);

      for (const [operation, codes] of expected.entries()) {
        expect(await device.readOperation(inputs, operation)).toEqual(codes);
      }
      if (device.info.costUnit === 'cycles' || device.info.costUnit === 'instructions') {
        /* counts repeat, but for the phase of the counter and an interrupt now and then */
        expect(Math.abs((await device.run(inputs)).cost! - run.cost!)).toBeLessThan(1000);
      }
    } finally {
      await device.close();
    }
  });

  it('refuses a damaged program with a clear error, and takes a good one afterwards', async () => {
    const program = sampleProgram(3);
    const good = pack(program);
    const bad = good.slice();
    bad[bad.length - 20]! ^= 1;
    const device = await open();
    try {
      await expect(device.load(bad)).rejects.toMatchObject({ name: 'BitwrightError', code: 'ARTIFACT_INVALID' });
      expect((await device.load(good)).arenaBytes).toBe(program.arenaBytes);
    } finally {
      await device.close();
    }
  });
}
