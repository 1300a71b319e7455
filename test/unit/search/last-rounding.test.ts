/** When the rounding on the quantized prefix is kept: not for what it does to the samples that it was made from alone. */
import { expect, it } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { defaultOptions, quantizeModel } from '../../../src/search/quantize-model.ts';
import type { TraceEntry } from '../../../src/search/search-context.ts';
import { heldSamples, localPool, randomSamples, smallNetwork, statisticsOf } from './small-network.ts';

const graph = smallNetwork(6);
const cmsis = getProfile('cmsis-nn');

// Seeds found by trying: a rounding that helps on all samples, on those held out more than it harms the others, on all because it fits
// those that it is made from, on none.
it.each([
  [16, 'kept'],
  [53, 'kept for the held-out samples'],
  [66, 'learnt by heart'],
  [2, 'worse'],
])('with seed %i the last rounding is %s', async (own, expected) => {
  const few = randomSamples(64, own);
  const fitting = 48;
  const samples = { inputs: heldSamples(few), labels: null, metric: 'none' as const };
  const bits = { ...defaultOptions(2, 4).bits, policy: 'all' as const };
  const quantized = async (rounds: number) => {
    const options = { ...defaultOptions(2, 4), bits, rounds, retargetDamping: 0.01, seed: own };
    return quantizeModel(graph, statisticsOf(graph, few), samples, cmsis, options, await localPool());
  };
  const [without, result] = [await quantized(0), await quantized(1)];
  const rounding = result.trace.find(({ phase }) => phase === 'rounding') as TraceEntry;
  const before = without.trace.findLast(({ overall }) => overall === without.loss.final) as TraceEntry;
  const heldOut = ({ fit, overall }: TraceEntry) => (64 * overall - fitting * fit) / (64 - fitting);
  const verdict = verdictOf(rounding, heldOut(rounding), before, heldOut(before));
  expect(verdict).toBe(expected);
  const isSame = [...result.plan.weights].every(([name, { codes }]) =>
    codes.every((code, index) => code === without.plan.weights.get(name)?.codes[index]),
  );
  expect(isSame).toBe(!verdict.startsWith('kept'));
});

function verdictOf(after: TraceEntry, heldOutAfter: number, before: TraceEntry, heldOutBefore: number): string {
  const isBetter = after.overall < before.overall;
  if (after.fit + heldOutAfter < before.fit + heldOutBefore) return isBetter ? 'kept' : 'kept for the held-out samples';
  return isBetter ? 'learnt by heart' : 'worse';
}

/** All weights of the default search on `count` samples, and the loss of its last rounding. */
async function rounded(count: number, own: number, retargetDamping: number | 'held-out', dampingMargin = 10) {
  const inputs = randomSamples(count, own);
  const samples = { inputs: heldSamples(inputs), labels: null, metric: 'none' as const };
  const bits = { ...defaultOptions(2, 4).bits, policy: 'all' as const };
  const options = {
    ...defaultOptions(2, 4),
    bits,
    retargetDamping,
    dampingMargin,
    optimizer: 'none' as const,
    seed: own,
  };
  const result = await quantizeModel(graph, statisticsOf(graph, inputs), samples, cmsis, options, await localPool());
  const { fit, overall } = result.trace.find(({ phase }) => phase === 'rounding') as TraceEntry;
  return { weights: [...result.plan.weights.values()].map(({ codes }) => [...codes]), heldOut: 4 * overall - 3 * fit };
}

it('chooses dampings that do better on held-out samples than one that learns by heart, before there is a margin', async () => {
  const [chosen, fixed] = (['held-out', 0.01] as const).map(async (damping) => {
    let total = 0;
    for (let own = 1; own <= 8; own++) total += (await rounded(64, own, damping, 1)).heldOut;
    return total;
  });
  expect(await chosen).toBeLessThan(await fixed);
});

it('takes the usual damping and the margin where no samples are held out', async () => {
  expect((await rounded(32, 3, 'held-out')).weights).toEqual((await rounded(32, 3, 10)).weights);
  expect((await rounded(32, 3, 'held-out')).weights).not.toEqual((await rounded(32, 3, 0.01)).weights);
});
