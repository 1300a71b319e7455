/**
 * Epilogues over every sum that a layer of 8-bit codes reaches: its fast form is proven from the steps of its rule alone, so that each
 * sum between them is run here. Scales are such that float32 is about as fine as the sums.
 */
import { expect, it } from 'vitest';
import { getRule } from '../../../src/arithmetic/registry.ts';
import type { RuleId } from '../../../src/arithmetic/rule.ts';
import { type Random, seededRandom } from '../../../src/base/random.ts';
import type { IntegerProgram } from '../../../src/graph/integer-program.ts';
import { pack } from '../../../src/package/pack.ts';
import { loadKernels } from '../../../src/simulate/kernel-module.ts';
import { createSampleEngine, SampleEngine } from '../../../src/simulate/sample-engine.ts';
import { profileOfVectorRule } from './layer-program.ts';

const seed = Number(process.env.BITWRIGHT_SEED ?? Date.now() % 1_000_000);
const most = 127;
/** Inputs with weight 127; one more has weight 1. */
const coarse = 6;
const inputs = coarse + 1;
const outputs = 64;
const reach = most * most * coarse;
const memoryBytes = 2 ** 26;

/** The inputs of one sample each whose accumulators, without bias, are -reach to reach. */
function everySum(): Int8Array<ArrayBuffer> {
  const codes = new Int8Array((2 * reach + 1) * inputs);
  for (let sum = -reach, at = 0; sum <= reach; sum++, at += inputs) {
    let rest = Math.round(sum / most);
    codes[at] = sum - rest * most;
    for (let input = 1; input < inputs; input++) {
      codes[at + input] = Math.max(-most, Math.min(most, rest));
      rest -= codes[at + input]!;
    }
  }
  return codes;
}

/** A layer whose channels have scales of 2^-8 to 2^-11, by which the sums fill the output's codes or more. */
function layer(rule: RuleId, random: Random): IntegerProgram {
  const scales = Array.from({ length: outputs }, () => {
    const scale = 2 ** -(8 + 3 * random.next());
    return getRule(rule).encode(rule === 'float32' ? Math.fround(scale) : scale);
  });
  const tensor = { dtype: 'int8', scale: 1, bits: 8, qMin: -128, qMax: 127 } as const;
  const words = { weights: 0, bias: 1, multiplier: 2, shift: 3 };
  const output = { outputZeroPoint: random.integer(-128, 127), clampMin: -128, clampMax: 127 };
  const parameters = { rows: 1, inputs, outputs, inputZeroPoint: 0, weightZeroPoint: 0, weightBits: 8, channelStep: 1 };
  const row = [1, ...Array.from({ length: coarse }, () => most)];
  const word = (name: string, data: number[]) => ({ name, packing: 'int32' as const, data: Int32Array.from(data) });
  return {
    profile: profileOfVectorRule(rule),
    tensors: [
      { ...tensor, name: 'input', shape: [1, inputs], zeroPoint: 0, arenaOffsetBytes: 0 },
      { ...tensor, name: 'output', shape: [1, outputs], zeroPoint: output.outputZeroPoint, arenaOffsetBytes: 16 },
    ],
    constants: [
      { name: 'weights', packing: 'int8', data: Int8Array.from(scales.flatMap(() => row)) },
      word(
        'bias',
        scales.map(() => random.integer(-5000, 5000)),
      ),
      word(
        'multiplier',
        scales.map(({ multiplier }) => multiplier),
      ),
      word(
        'shift',
        scales.map(({ shift }) => shift),
      ),
    ],
    operations: [
      {
        ...{ kernel: 'fully-connected', name: 'sums', rule, inputs: [0], output: 1, macs: 0 },
        parameters: { ...parameters, ...output, ...words },
      },
    ],
    ...{ inputs: [0], outputs: [1], arenaBytes: 16 + outputs + 64, scratchBytes: 64 },
  };
}

it.each(['double', 'single', 'float32'] as const)(
  `every sum by %s: plain and fast agree (BITWRIGHT_SEED=${seed})`,
  async (rule) => {
    const program = layer(rule, seededRandom(seed));
    const batch = { samples: 2 * reach + 1, inputs: [everySum()] };
    const [expected, ...found] = [
      await createSampleEngine(memoryBytes, 'plain'),
      await createSampleEngine(memoryBytes, 'fast'),
      new SampleEngine(await loadKernels(memoryBytes, 'base'), 'fast'),
    ].map((engine) => {
      engine.setInputs(batch);
      return engine.run(pack(program), undefined, batch.samples)[0]!;
    });
    for (const codes of found) {
      const first = codes.findIndex((code, index) => code !== expected![index]);
      const words = program.constants.slice(1).map(({ data }) => data[first % outputs]);
      const where = `sum ${Math.floor(first / outputs) - reach}; bias, multiplier, shift ${words.join(', ')}`;
      expect(first, first < 0 ? 'equal' : where).toBe(-1);
    }
  },
);
