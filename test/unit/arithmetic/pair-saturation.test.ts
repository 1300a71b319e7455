/** The AVX2 pair saturation: the bound is exactly where a model of vpmaddubsw starts to saturate. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findPairHazard, pairSafeRange } from '../../../src/arithmetic/pair-saturation.ts';

/** Sum of products as the instruction computes it: each neighbouring pair saturates to int16. */
function saturatingSum(activations: readonly number[], weights: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < weights.length; index += 2) {
    const pair = activations[index] * weights[index] + (activations[index + 1] ?? 0) * (weights[index + 1] ?? 0);
    sum += Math.min(Math.max(pair, -32768), 32767);
  }
  return sum;
}

const exactSum = (activations: readonly number[], weights: ArrayLike<number>): number =>
  activations.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0);

it('reproduces the sums that were seen on a processor without VNNI', () => {
  const full = [255, 255, 255, 255];
  expect(saturatingSum(full, [127, 127, 127, 127])).toBe(65534);
  expect(saturatingSum([255, 255], [-128, -128])).toBe(-32768);
  expect(saturatingSum([255, 255], [64, 64])).toBe(32640);
});

it('reports exactly the weights that some activations would saturate', () => {
  const weights = fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(weights, (values) => {
      const hazard = findPairHazard(Int8Array.from(values), 1);
      // The worst activations meet one sign with 255 and the other with 0.
      const extremes = [1, -1].map((sign) => values.map((value) => (value * sign > 0 ? 255 : 0)));
      const saturates = extremes.some(
        (activations) => saturatingSum(activations, values) !== exactSum(activations, values),
      );
      expect(hazard !== null).toBe(saturates);
    }),
    { numRuns: 5000 },
  );
});

it('names the worst channel and counts all', () => {
  expect(findPairHazard(Int8Array.of(64, 64, 100, 29, -128, -1, 127, 1), 4)).toEqual({
    channel: 1,
    pairSum: 129,
    channels: 2,
  });
});

it('never happens within 7 bits', () => {
  const inside = fc.integer({ min: pairSafeRange.qMin, max: pairSafeRange.qMax });
  fc.assert(
    fc.property(fc.array(inside, { minLength: 2, maxLength: 20 }), (values) => {
      expect(findPairHazard(Int8Array.from(values), 1)).toBe(null);
    }),
  );
});
