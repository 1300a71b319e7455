import { afterAll, beforeAll, expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import { lower } from '../../../src/lower/lower.ts';
import { pack } from '../../../src/package/pack.ts';
import type { SimulationPool } from '../../../src/simulate/engine.ts';
import { createSimulationPool } from '../../../src/simulate/pool.ts';
import { quantizeSamples } from '../../../src/simulate/quantize-samples.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { rangePlan, runFloatGraph, smallNetwork } from '../../support/small-network.ts';

const seed = 7;
const samples = 5;
let pool: SimulationPool;
beforeAll(async () => {
  pool = await createSimulationPool({ workers: 2 });
});
afterAll(() => pool.close());

for (const profileId of ['cmsis-nn', 'onnxruntime'] as const) {
  for (const weightBits of [8, 4, 2]) {
    test(`${profileId} w${weightBits}: every operation of the packed program gives the codes of the reference (seed ${seed})`, async () => {
      const graph = smallNetwork(seed);
      const random = seededRandom(seed);
      const images = floatTensor(
        [samples, 3, 7, 5],
        Float32Array.from({ length: 105 * samples }, () => random.next()),
      );
      const first = floatTensor([1, 3, 7, 5], images.data.slice(0, 105));
      const profile = getProfile(profileId);
      const program = lower(graph, rangePlan(graph, [runFloatGraph(graph, first)], weightBits), profile);
      const batch = quantizeSamples(
        [{ tensor: program.tensors[program.inputs[0]!]!, samples: images }],
        profile.quantizeInput,
      );
      await pool.setInputs(batch);
      const tensors = program.operations.map(({ output }) => output);
      const simulated = await pool.run(pack(program), { tensors });
      for (let sample = 0; sample < samples; sample++) {
        const input = batch.inputs[0]!.slice(sample * 105, (sample + 1) * 105);
        runReference(program, [input], (operation, index, output) => {
          const codes = simulated[index]!.subarray(sample * output.length, (sample + 1) * output.length);
          expect([...codes], `${operation.name} of sample ${sample}`).toEqual([...output]);
        });
      }
    });
  }
}
