import { describe, expect, it } from 'vitest';
import { pack } from '../../../src/package/pack.ts';
import { loadKernels } from '../../../src/simulate/kernel-module.ts';
import { viewProgram } from '../../../src/simulate/program-view.ts';
import { planResidency } from '../../../src/simulate/residency.ts';
import { SampleEngine } from '../../../src/simulate/sample-engine.ts';
import { findStorageOwners } from '../../../src/simulate/storage-owners.ts';
import { randomInputs, referenceCodes, sampleProgram } from './sample-program.ts';

const samples = 100;
const program = sampleProgram(7);
const view = viewProgram(pack(program));
const sources = findStorageOwners(view).operationInputs;

describe('the memory plan of a batch', () => {
  const everything = planResidency(view, sources, samples, 0, 2 ** 30);
  it('keeps every tensor when the budget allows it', () => {
    expect(everything.transient.every((address) => address === -1)).toBe(true);
  });
  it('stays inside every budget and keeps something as long as it can', () => {
    let kept = everything.resident.length;
    for (let budget = everything.endBytes; budget > 20_000; budget -= 7777) {
      const { resident, transient, endBytes } = planResidency(view, sources, samples, 0, budget);
      expect(endBytes).toBeLessThanOrEqual(budget);
      const written = view.tensors.map((_, tensor) => tensor).filter((tensor) => tensor !== 4);
      for (const tensor of written) expect((resident[tensor] === -1) !== (transient[tensor] === -1)).toBe(true);
      const count = resident.filter((address) => address !== -1).length;
      kept = count;
    }
    expect(kept).toBeLessThan(4);
  });
  it('refuses a budget in which one sample does not fit', () => {
    expect(() => planResidency(view, sources, samples, 0, 1000)).toThrow(/memory budget/);
  });
});

describe.each([2, 3, 4, 5, 16])('an engine of %i pages', (pages) => {
  it('gives the same codes as the reference, whatever it can keep', async () => {
    const kernels = await loadKernels(pages * 65536);
    const engine = new SampleEngine(kernels, 'plain');
    const inputs = randomInputs(program, samples, 3);
    engine.setInputs({ samples, inputs });
    for (const [layer, seed] of [
      [3, 1],
      [1, 1],
      [3, 1],
      [0, 9],
    ] as const) {
      const changed = sampleProgram(7, { layer, seed });
      const [logits, inner] = engine.run(pack(changed), [5, 1], samples);
      expect([...logits!]).toEqual(referenceCodes(changed, inputs, samples, 5));
      expect([...inner!]).toEqual(referenceCodes(changed, inputs, samples, 1));
    }
    expect(kernels.memory.buffer.byteLength).toBeLessThanOrEqual(pages * 65536);
  });
});
