/** When the rounding on the quantized prefix is kept: not for what it does to the samples that it was made from. */
import { expect, it } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { defaultOptions, quantizeModel } from '../../../src/search/quantize-model.ts';
import type { TraceEntry } from '../../../src/search/search-context.ts';
import { localPool, randomSamples, smallNetwork, statisticsOf } from './small-network.ts';

const graph = smallNetwork(6);
const cmsis = getProfile('cmsis-nn');

// Seeds found by trying: a rounding that helps on all samples and on those held out, on all because it fits the others, on none.
it.each([
  [4, 'kept'],
  [1, 'learnt by heart'],
  [2, 'worse'],
])('with seed %i the last rounding is %s', async (own, expected) => {
  const few = [randomSamples(64, own)];
  const fitting = 48;
  const samples = { inputs: few, labels: null, metric: 'none' as const };
  const bits = { ...defaultOptions(2, 4).bits, policy: 'all' as const };
  const quantized = async (rounds: number) => {
    const options = { ...defaultOptions(2, 4), bits, rounds, retargetDamping: 0.01, seed: own };
    return quantizeModel(graph, statisticsOf(graph, few[0]), samples, cmsis, options, await localPool());
  };
  const [without, result] = [await quantized(0), await quantized(1)];
  const rounding = result.trace.find(({ phase }) => phase === 'rounding') as TraceEntry;
  const before = without.trace.findLast(({ overall }) => overall === without.loss.final) as TraceEntry;
  const heldOut = ({ fit, overall }: TraceEntry) => (64 * overall - fitting * fit) / (64 - fitting);
  const fits = rounding.overall < before.overall;
  const verdict = !fits ? 'worse' : heldOut(rounding) < heldOut(before) ? 'kept' : 'learnt by heart';
  expect(verdict).toBe(expected);
  const isSame = [...result.plan.weights].every(([name, { codes }]) =>
    codes.every((code, index) => code === without.plan.weights.get(name)?.codes[index]),
  );
  expect(isSame).toBe(verdict !== 'kept');
});
