/** Convolutions of int16 activations: the fast kernel, which adds pieces of a sum in 64 bits, against the plain one and by hand. */
import { beforeAll, describe, expect, it } from 'vitest';
import { getRule } from '../../../src/arithmetic/registry.ts';
import type { EncodedScale } from '../../../src/arithmetic/rule.ts';
import { type Random, seededRandom } from '../../../src/base/random.ts';
import { type IntegerProgram, type ProgramTensor, tensorElements } from '../../../src/graph/integer-program.ts';
import { getOp } from '../../../src/ops/registry.ts';
import { pack } from '../../../src/package/pack.ts';
import { loadKernels } from '../../../src/simulate/kernel-module.ts';
import { createSampleEngine, SampleEngine } from '../../../src/simulate/sample-engine.ts';
import { adversarialCodes, pick, rangeOf } from '../../support/random-draft.ts';

const seed = Number(process.env.BITWRIGHT_SEED ?? Date.now() % 1_000_000);
let engines: SampleEngine[] = [];

beforeAll(async () => {
  const base = new SampleEngine(await loadKernels(2 ** 26, 'base'), 'fast');
  engines = [await createSampleEngine(2 ** 26, 'plain'), await createSampleEngine(2 ** 26, 'fast'), base];
});

interface Shape {
  readonly inputs: number;
  readonly outputs: number;
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

interface Words {
  readonly bits: number;
  readonly weights: Int8Array;
  readonly bias: BigInt64Array | null;
  readonly scales: readonly EncodedScale[];
}

function convolution(shape: Shape, { bits, weights, bias, scales }: Words): IntegerProgram {
  const { inputs, outputs, size, window, stride, dilation, pad } = shape;
  const outSize = Math.floor((size + 2 * pad - dilation * (window - 1) - 1) / stride) + 1;
  const align = (bytes: number): number => Math.ceil(bytes / 16) * 16;
  const range = { scale: 1, zeroPoint: 0, bits: 16, qMin: -32768, qMax: 32767 };
  const tensor = (name: string, dims: number[], arenaOffsetBytes: number): ProgramTensor => {
    return { name, dtype: 'int16', shape: dims, ...range, arenaOffsetBytes };
  };
  const input = tensor('input', [1, size, size, inputs], 0);
  const output = tensor('output', [1, outSize, outSize, outputs], align(2 * tensorElements(input)));
  const word = (name: 'multiplier' | 'shift') => Int32Array.from(scales, (encoded) => encoded[name]);
  const parameters: Record<string, number> = {
    ...{ inputHeight: size, inputWidth: size, inputChannels: inputs },
    ...{ outputHeight: outSize, outputWidth: outSize, outputChannels: outputs },
    ...{ kernelHeight: window, kernelWidth: window, strideHeight: stride, strideWidth: stride },
    ...{ dilationHeight: dilation, dilationWidth: dilation, padTop: pad, padLeft: pad, groups: 1 },
    ...{ weightBits: bits, channelStep: scales.length > 1 ? 1 : 0 },
    ...{ weights: 0, multiplier: 1, shift: 2, bias: bias === null ? -1 : 3 },
    ...{ inputZeroPoint: 0, outputZeroPoint: 0, clampMin: -32768, clampMax: 32767 },
  };
  const scratchBytes = align(getOp('conv').scratchBytes?.(parameters) ?? 0);
  return {
    ...{ profile: 'int16x8', tensors: [input, output], inputs: [0], outputs: [1], scratchBytes },
    constants: [
      { name: 'weights', packing: bits === 8 ? 'int8' : 'int4', data: weights },
      { name: 'multiplier', packing: 'int32', data: word('multiplier') },
      { name: 'shift', packing: 'int32', data: word('shift') },
      ...(bias === null ? [] : [{ name: 'bias', packing: 'int64' as const, data: bias }]),
    ],
    operations: [{ kernel: 'conv', name: 'conv', rule: 'reduced-16', inputs: [0], output: 1, parameters, macs: 0 }],
    arenaBytes: output.arenaOffsetBytes + align(2 * tensorElements(output)) + scratchBytes,
  };
}

function codesOf(engine: SampleEngine, program: IntegerProgram, input: Int16Array<ArrayBuffer>, samples: number) {
  engine.setInputs({ samples, inputs: [input] });
  return [...engine.run(pack(program), undefined, samples)[0]!];
}

/** Filters of one piece of a sum, of just more, and of several. */
function randomShape(random: Random): Shape {
  const window = pick(random, [1, 2, 3, 3, 5]);
  const inputs = pick(random, [1, 3, 8, 17, 50, random.integer(1, 130)]);
  const strided = { stride: random.integer(1, 2), dilation: random.integer(1, 2), pad: random.integer(0, 3) };
  const plain = { stride: 1, dilation: 1, pad: window >> 1 };
  const size = random.integer(window * 2, window * 2 + 5);
  return { inputs, outputs: random.integer(1, 20), size, window, ...(random.next() < 0.5 ? plain : strided) };
}

describe(`random layers (BITWRIGHT_SEED=${seed})`, () => {
  it('plain and fast agree', () => {
    const random = seededRandom(seed);
    for (let round = 0; round < 60; round++) {
      const shape = randomShape(random);
      const taps = shape.window ** 2 * shape.inputs;
      const bits = pick(random, [8, 4]);
      const { low, high } = rangeOf(bits);
      const scale = () => getRule('reduced-16').encode(pick(random, [1, 0.01]) / (high * Math.sqrt(taps)));
      const limit = pick(random, [1000, 2 ** 40]);
      const words = {
        bits,
        weights: Int8Array.from(adversarialCodes(random, taps * shape.outputs, low, high)),
        bias:
          random.next() < 0.2
            ? null
            : BigInt64Array.from({ length: shape.outputs }, () => BigInt(random.integer(-limit, limit))),
        scales: Array.from({ length: random.next() < 0.5 ? 1 : shape.outputs }, scale),
      };
      const program = convolution(shape, words);
      const samples = random.integer(1, 3);
      const count = samples * tensorElements(program.tensors[0]!);
      const input = Int16Array.from(adversarialCodes(random, count, -32768, 32767));
      const [expected, ...others] = engines.map((engine) => codesOf(engine, program, input, samples));
      for (const codes of others) expect(codes, `round ${round}: ${JSON.stringify(shape)}`).toEqual(expected);
    }
  });
});

describe('sums at the ends of their ranges', () => {
  // 511 products of -128 and -32768 fit 32 bits and 512 do not; the fast kernel adds 448 at a time.
  it.each([447, 448, 449, 511, 512, 896, 1000])('%i products of the largest magnitude', (inputs) => {
    const shape = { inputs, outputs: 9, size: 1, window: 1, stride: 1, dilation: 1, pad: 0 };
    const scales = [getRule('reduced-16').encode(2 ** -18)];
    const weights = new Int8Array(9 * inputs).fill(-128);
    const program = convolution(shape, { bits: 8, weights, bias: null, scales });
    const input = new Int16Array(inputs).fill(-32768);
    // The multiplier 2^-18 is exact: 2^22 * inputs / 2^18.
    const expected = new Array(9).fill(Math.min(32767, 16 * inputs));
    for (const engine of engines) expect(codesOf(engine, program, input, 1)).toEqual(expected);
  });
});
