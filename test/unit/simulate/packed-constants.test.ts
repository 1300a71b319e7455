/** Constants are packed once per change, whatever samples come. */
import { expect, it } from 'vitest';
import { pack } from '../../../src/package/pack.ts';
import { type KernelExports, loadKernels } from '../../../src/simulate/kernel-module.ts';
import { SampleEngine } from '../../../src/simulate/sample-engine.ts';
import { randomInputs, referenceCodes, sampleProgram } from './sample-program.ts';

it('packs again only what changed', async () => {
  const kernels = await loadKernels(2 ** 26);
  const packed: number[] = [];
  const exports: KernelExports = {
    ...kernels.exports,
    packFast(program, operation, address) {
      packed.push(operation);
      kernels.exports.packFast(program, operation, address);
    },
  };
  const engine = new SampleEngine({ ...kernels, exports }, 'fast');
  const program = sampleProgram(7);
  const run = (changed: typeof program, samples: number, seed: number): number[] => {
    packed.length = 0;
    const inputs = randomInputs(changed, samples, seed);
    engine.setInputs({ samples, inputs });
    const [logits] = engine.run(pack(changed), [5], samples);
    expect([...logits!]).toEqual(referenceCodes(changed, inputs, samples, 5));
    return [...packed];
  };
  const all = run(program, 9, 1);
  expect(all.length).toBeGreaterThan(1);
  expect(run(program, 9, 2)).toEqual([]);
  expect(run(program, 30, 3)).toEqual([]);
  expect(run(program, 2, 4)).toEqual([]);
  expect(run(sampleProgram(7, { layer: 1, seed: 5 }), 2, 5)).toHaveLength(1);
  expect(run(program, 9, 6)).toHaveLength(1);
});
