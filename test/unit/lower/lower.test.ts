import { describe, expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import { proveAccumulators } from '../../../src/lower/accumulator-proof.ts';
import { createLowering, lower } from '../../../src/lower/lower.ts';
import { pack } from '../../../src/package/pack.ts';
import { unpack } from '../../../src/package/unpack.ts';
import { dequantizeSamples, quantizeSamples } from '../../../src/simulate/quantize-samples.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { rangePlan, runFloatGraph, smallNetwork } from '../../support/small-network.ts';

const seed = 20261121;
const graph = smallNetwork(seed);
const random = seededRandom(seed);
const images = Array.from({ length: 6 }, () =>
  floatTensor(
    [1, 3, 7, 5],
    Float32Array.from({ length: 105 }, () => random.next()),
  ),
);
const floats = images.map((image) => runFloatGraph(graph, image));

describe(`the small network, seed ${seed}`, () => {
  for (const profileId of ['cmsis-nn', 'onnxruntime'] as const) {
    const profile = getProfile(profileId);
    for (const weightBits of [8, 4]) {
      test(`${profileId} w${weightBits}a8: the program stays near the float graph, and its packed form computes the same codes`, () => {
        const program = lower(graph, rangePlan(graph, floats, weightBits), profile);
        const reread = unpack(pack(program));
        images.forEach((image, sample) => {
          const batch = quantizeSamples(
            [{ tensor: program.tensors[program.inputs[0]!]!, samples: image }],
            profile.quantizeInput,
          );
          const [codes] = runReference(program, batch.inputs);
          expect(runReference(reread, batch.inputs)).toEqual([codes]);
          const output = program.tensors[program.outputs[0]!]!;
          const expected = floats[sample]!.get(output.name)!.data as Float32Array;
          const actual = dequantizeSamples(codes!, output, 1).data;
          const range = Math.max(...Array.from(expected, Math.abs));
          const worst = Math.max(...Array.from(actual, (value, index) => Math.abs(value - expected[index]!)));
          expect(worst / range).toBeLessThan(weightBits === 8 ? 0.08 : 0.5);
        });
      });
    }
  }

  test('a changed plan entry lowers only what reads it again', () => {
    const lowering = createLowering(graph, getProfile('cmsis-nn'));
    const plan = rangePlan(graph, floats, 8);
    const before = lowering(plan);
    const dense = plan.weights.get('dense')!;
    const after = lowering({
      ...plan,
      weights: new Map([...plan.weights, ['dense', { ...dense, scales: dense.scales.map((scale) => scale * 1.5) }]]),
    });
    const kept = after.constants.filter((constant) => before.constants.includes(constant));
    expect(after.constants.length - kept.length).toBe(4);
    expect(
      after.constants.filter((constant) => !kept.includes(constant)).every(({ name }) => name.startsWith('dense.')),
    ).toBe(true);
  });

  test('a softmax that the profile cannot run is left to the host', () => {
    const program = lower(graph, rangePlan(graph, floats, 8), getProfile('onnxruntime'));
    expect(program.tensors[program.outputs[0]!]!.name).toBe('dense.out');
    expect(program.operations.some(({ kernel }) => kernel === 'softmax')).toBe(false);
  });

  test('every layer that accumulates is proven to fit its register', () => {
    const profile = getProfile('cmsis-nn');
    const proofs = proveAccumulators(lower(graph, rangePlan(graph, floats, 8), profile), profile);
    expect(proofs.map(({ name }) => name)).toEqual(expect.arrayContaining(['stem', 'spatial', 'mix', 'dense']));
    expect(proofs.every(({ holds }) => holds)).toBe(true);
  });
});
