/** Three executions of the same program, one result: the TypeScript reference, the plain C kernels and the fast variants. */
import { beforeAll, describe, expect, it } from 'vitest';
import { getRule } from '../../../src/arithmetic/registry.ts';
import { seededRandom } from '../../../src/base/random.ts';
import type { IntegerProgram } from '../../../src/graph/integer-program.ts';
import { tensorElements } from '../../../src/graph/integer-program.ts';
import { pack } from '../../../src/package/pack.ts';
import type { CodeArray } from '../../../src/simulate/engine.ts';
import { bestKernelBuild } from '../../../src/simulate/kernel-code.ts';
import { loadKernels } from '../../../src/simulate/kernel-module.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { createSampleEngine, SampleEngine } from '../../../src/simulate/sample-engine.ts';
import { adversarialCodes } from '../../support/random-draft.ts';
import { randomKernels, randomOperation, rulesOfKernel } from '../../support/random-operation.ts';
import { epilogueProgram } from './epilogue-program.ts';
import { layerProgram, randomLayerShape, vectorRules } from './layer-program.ts';

const seed = Number(process.env.BITWRIGHT_SEED ?? Date.now() % 1_000_000);
let plain: SampleEngine;
let fast: SampleEngine;
/** Without relaxed SIMD. */
let base: SampleEngine;

beforeAll(async () => {
  plain = await createSampleEngine(2 ** 26, 'plain');
  fast = await createSampleEngine(2 ** 26, 'fast');
  base = new SampleEngine(await loadKernels(2 ** 26, 'base'), 'fast');
});

function runOn(
  engine: SampleEngine,
  program: IntegerProgram,
  inputs: readonly CodeArray[],
  samples: number,
): CodeArray {
  engine.setInputs({ samples, inputs });
  return engine.run(pack(program), undefined, samples)[0]!;
}

function join(parts: readonly CodeArray[]): CodeArray {
  const [first] = parts;
  const codes = parts.flatMap((part) => [...part]);
  return first instanceof Int8Array
    ? Int8Array.from(codes)
    : first instanceof Int16Array
      ? Int16Array.from(codes)
      : Int32Array.from(codes);
}

describe(`random operations (BITWRIGHT_SEED=${seed})`, () => {
  const cases = randomKernels().flatMap((kernel) => rulesOfKernel(kernel).map((rule) => [kernel, rule] as const));
  it.each(cases)('%s by %s: plain, fast and the reference agree', (kernel, rule) => {
    const random = seededRandom(seed);
    for (let round = 0; round < 12; round++) {
      const { program, inputs } = randomOperation(kernel, rule, random);
      const repeated = inputs.map((data) => join([data, data, data]));
      const expected = runReference(program, inputs)[0]!;
      const context = `round ${round} of ${JSON.stringify(program.operations[0]!.parameters)}`;
      expect([...runOn(plain, program, repeated, 3)], context).toEqual([...expected, ...expected, ...expected]);
      expect([...runOn(fast, program, repeated, 3)], context).toEqual([...expected, ...expected, ...expected]);
    }
  });
});

describe(`layers at the edges of the fast kernels (BITWRIGHT_SEED=${seed})`, () => {
  it.each(vectorRules)('by %s: plain and fast agree', (rule) => {
    const random = seededRandom(seed + 1);
    for (let round = 0; round < 80; round++) {
      const shape = randomLayerShape(random);
      const program = layerProgram(shape, rule, random);
      const samples = random.integer(1, 7);
      const count = samples * tensorElements(program.tensors[0]!);
      // Codes of 4 bits, of 8, and of 4 but for the very last.
      const narrow = random.next() < 0.6;
      const inputs = [Int8Array.from(adversarialCodes(random, count, narrow ? -8 : -128, narrow ? 7 : 127))];
      if (random.next() < 0.2) inputs[0]![count - 1] = 8;
      const expected = runOn(plain, program, inputs, samples);
      for (const engine of [fast, base]) {
        const codes = runOn(engine, program, inputs, samples);
        const first = codes.findIndex((code, index) => code !== expected[index]);
        const context = `${JSON.stringify(shape)} ${JSON.stringify(program.operations[0]!.parameters)}`;
        expect(first, `round ${round}: ${context}`).toBe(-1);
      }
    }
  });
});

describe('a 3x3 convolution whose accumulators leave 26 bits', () => {
  it.each(vectorRules)('by %s: plain and fast agree', (rule) => {
    const random = seededRandom(1);
    const shape = {
      kernel: 'conv',
      inputs: 128,
      outputs: 8,
      size: 6,
      window: 3,
      stride: 1,
      dilation: 1,
      pad: 1,
      groups: 1,
    } as const;
    const base = layerProgram(shape, rule, random);
    const { encode } = getRule(rule);
    const scale = rule === 'float32' ? encode(Math.fround(2 ** -19)) : encode(2 ** -19);
    const parameters = {
      ...base.operations[0]!.parameters,
      weightBits: 8,
      weights: 0,
      bias: -1,
      multiplier: 1,
      shift: 2,
    };
    Object.assign(parameters, {
      channelStep: 0,
      inputZeroPoint: -128,
      outputZeroPoint: 0,
      clampMin: -128,
      clampMax: 127,
    });
    const constants = [
      { name: 'weights', packing: 'int8' as const, data: new Int8Array(8 * 9 * 128).fill(127) },
      { name: 'multiplier', packing: 'int32' as const, data: Int32Array.of(scale.multiplier) },
      { name: 'shift', packing: 'int32' as const, data: Int32Array.of(scale.shift) },
    ];
    const program = { ...base, constants, operations: [{ ...base.operations[0]!, parameters }] };
    const inputs = [new Int8Array(36 * 128).fill(127)];
    const codes = runOn(fast, program, inputs, 1);
    expect([...codes]).toEqual([...runOn(plain, program, inputs, 1)]);
    // 9 * 128 * 127 * 255 / 2^19 in the middle: 71.2.
    expect(codes[(2 * 6 + 2) * 8]).toBe(71);
  });
});

describe(`epilogues at the edges of their rules (BITWRIGHT_SEED=${seed})`, () => {
  const codes = [Int8Array.from({ length: 256 }, (_, code) => code - 128)];
  it.each(vectorRules)('by %s: plain and fast agree', (rule) => {
    const random = seededRandom(seed + 2);
    for (let round = 0; round < 10; round++) {
      const outputs = random.integer(150, 180);
      const program = epilogueProgram(rule, random, outputs);
      const expected = runOn(plain, program, codes, 256);
      const fastCodes = runOn(fast, program, codes, 256);
      const first = fastCodes.findIndex((code, index) => code !== expected[index]);
      const channel = first % outputs;
      const words = program.constants.map(({ data }) => data[channel]).join(', ');
      expect(first, `round ${round}, channel ${channel}: weight, bias, multiplier, shift = ${words}`).toBe(-1);
    }
  });
});

describe('the relaxed build', () => {
  it('is used by Node, so that the suites above cover it', async () => {
    expect(await bestKernelBuild()).toBe('relaxed');
  });
});
