import { expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import { proveAccumulators } from '../../../src/lower/accumulator-proof.ts';
import { lower } from '../../../src/lower/lower.ts';
import { makeTables, tablesCsv } from '../../../src/package/tables.ts';
import { rangePlan, runFloatGraph, smallNetwork } from '../../support/small-network.ts';

const graph = smallNetwork(3);
const random = seededRandom(3);
const image = floatTensor(
  [1, 3, 7, 5],
  Float32Array.from({ length: 105 }, () => random.next()),
);
const profile = getProfile('cmsis-nn');
const plan = rangePlan(graph, [runFloatGraph(graph, image)], 4);
const program = lower(graph, plan, profile);
const tables = makeTables(program, plan, graph, proveAccumulators(program, profile));

test('every weighted layer has its row: scales of the plan, multipliers that stand for their product, the proven reach', () => {
  expect(tables.weights.map(({ name }) => name)).toEqual(['stem', 'spatial', 'mix', 'dense']);
  const stem = tables.weights[0]!;
  const input = plan.activations.get('image')!.scale;
  const output = plan.activations.get('stem.out')!.scale;
  stem.effectiveScale.forEach((scale, channel) => {
    expect(scale).toBeCloseTo((input * stem.scales[channel]!) / output, 8);
  });
  // 27 taps of 4-bit weights on codes that differ from the zero point by at most 255, and a bias: the sum of the parts bounds the reach.
  const { minimum, maximum, neededBits, availableBits } = stem.accumulator!;
  expect(maximum - minimum).toBeLessThanOrEqual(27 * 8 * 255);
  expect(maximum).toBeLessThan(2 ** (neededBits - 1));
  expect(availableBits).toBe(32);
});

test('the CSV has one line per activation and per weight channel', () => {
  const lines = tablesCsv(tables).trimEnd().split('\r\n');
  expect(lines.length).toBe(1 + program.tensors.length + 6 + 6 + 6 + 5);
  expect(lines[0]!.split(',').length).toBe(lines.at(-1)!.split(',').length);
});
