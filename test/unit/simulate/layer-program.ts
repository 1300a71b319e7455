/** Programs of one convolution, depthwise convolution or dense layer, wide enough that the fast kernels use all their paths. */
import { getRule } from '../../../src/arithmetic/registry.ts';
import type { EncodedScale, RuleId } from '../../../src/arithmetic/rule.ts';
import type { Random } from '../../../src/base/random.ts';
import {
  type IntegerProgram,
  type ProgramConstant,
  type ProgramTensor,
  tensorElements,
} from '../../../src/graph/integer-program.ts';
import { getOp } from '../../../src/ops/registry.ts';
import { adversarialCodes, pick, rangeOf } from '../../support/random-draft.ts';

export interface LayerShape {
  readonly kernel: 'conv' | 'depthwise-conv' | 'fully-connected';
  readonly inputs: number;
  readonly outputs: number;
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
  readonly groups: number;
}

const profiles: Readonly<Record<string, string>> = {
  ...{ double: 'cmsis-nn', single: 'tflite-single', float32: 'onnxruntime', 'shift-half-up': 'esp-dl-s3' },
  ...{ 'shift-half-even': 'esp-dl-p4', 'multiply-shift-floor': 'pulp-nn' },
};

export const vectorRules = Object.keys(profiles) as RuleId[];

export function profileOfVectorRule(rule: RuleId): string {
  return profiles[rule]!;
}

/** Scales of one layer, encoded: one for all channels, or one each that may span a factor of a million. */
function randomScales(rule: RuleId, random: Random, taps: number, high: number, outputs: number): EncodedScale[] {
  const spread = pick(random, [1, 8, 64, 1_000_000]);
  const middle = 40 / (Math.sqrt(taps) * high * 70);
  const scale = (): number => {
    const value = middle * pick(random, [1, 1, 30]) * spread ** (random.next() - 0.5);
    return rule.startsWith('shift-') ? Math.min(1, 2 ** Math.round(Math.log2(value))) : Math.fround(value);
  };
  return Array.from({ length: random.integer(0, 1) === 1 ? outputs : 1 }, () => getRule(rule).encode(scale()));
}

/** The words of a layer's geometry. */
function geometryWords(shape: LayerShape, outSize: number, random: Random): Record<string, number> {
  const { kernel, inputs, outputs, size, window, stride, dilation, pad, groups } = shape;
  if (kernel === 'fully-connected') {
    return { rows: size, inputs, outputs, weightZeroPoint: pick(random, [0, 0, 3, -128]) };
  }
  return {
    ...{ inputHeight: size, inputWidth: size, inputChannels: inputs },
    ...{ outputHeight: outSize, outputWidth: outSize, outputChannels: outputs },
    ...{ kernelHeight: window, kernelWidth: window, strideHeight: stride, strideWidth: stride },
    ...{ dilationHeight: dilation, dilationWidth: dilation, padTop: pad, padLeft: pad },
    ...(kernel === 'conv' ? { groups } : { channelMultiplier: 1 }),
  };
}

/** Weights, bias and scales of every size that a rule meets, and the words that refer to them. */
function randomConstants(shape: LayerShape, rule: RuleId, random: Random) {
  const { kernel, inputs, outputs, window, groups } = shape;
  const area = kernel === 'fully-connected' ? 1 : window * window;
  const taps = kernel === 'depthwise-conv' ? area : (area * inputs) / groups;
  const weightBits = pick(random, [8, 8, 4, 2]);
  const { low, high } = rangeOf(weightBits);
  const scales = randomScales(rule, random, taps, high, outputs);
  const limit = pick(random, [0, 1000, 100_000, 2 ** 29]);
  const word = (name: 'multiplier' | 'shift') => Int32Array.from(scales, (encoded) => encoded[name]);
  const weights = Int8Array.from(adversarialCodes(random, taps * outputs, low, high));
  const constants: ProgramConstant[] = [
    { name: 'weights', packing: weightBits === 8 ? 'int8' : weightBits === 4 ? 'int4' : 'int2', data: weights },
    { name: 'multiplier', packing: 'int32', data: word('multiplier') },
    { name: 'shift', packing: 'int32', data: word('shift') },
    { name: 'bias', packing: 'int32', data: Int32Array.from({ length: outputs }, () => random.integer(-limit, limit)) },
  ];
  const channelStep = scales.length === outputs ? 1 : 0;
  const bias = random.next() < 0.2 ? -1 : 3;
  return { constants, words: { weightBits, channelStep, weights: 0, multiplier: 1, shift: 2, bias } };
}

/** One layer of random constants, zero points and clamps. */
export function layerProgram(shape: LayerShape, rule: RuleId, random: Random): IntegerProgram {
  const { kernel, inputs, outputs, size, window, stride, dilation, pad } = shape;
  const dense = kernel === 'fully-connected';
  const outSize = Math.floor((size + 2 * pad - dilation * (window - 1) - 1) / stride) + 1;
  const align = (bytes: number): number => Math.ceil(bytes / 16) * 16;
  const tensor = (name: string, dims: number[], arenaOffsetBytes: number): ProgramTensor => {
    const zeroPoint = pick(random, [0, -8, -128, 127, random.integer(-128, 127)]);
    return { name, dtype: 'int8', shape: dims, scale: 1, zeroPoint, bits: 8, qMin: -128, qMax: 127, arenaOffsetBytes };
  };
  const input = tensor('input', dense ? [size, inputs] : [1, size, size, inputs], 0);
  const outputDims = dense ? [size, outputs] : [1, outSize, outSize, outputs];
  const output = tensor('output', outputDims, align(tensorElements(input)));
  const clampMin = random.integer(-128, 0);
  const { constants, words } = randomConstants(shape, rule, random);
  const parameters: Record<string, number> = {
    ...geometryWords(shape, outSize, random),
    ...words,
    ...{ inputZeroPoint: input.zeroPoint, outputZeroPoint: output.zeroPoint },
    ...{ clampMin, clampMax: random.integer(clampMin, 127) },
  };
  const scratchBytes = align(getOp(kernel).scratchBytes?.(parameters) ?? 0);
  return {
    ...{ profile: profiles[rule]!, tensors: [input, output], constants },
    operations: [{ kernel, name: kernel, rule, inputs: [0], output: 1, parameters, macs: 0 }],
    ...{ inputs: [0], outputs: [1], scratchBytes },
    arenaBytes: output.arenaOffsetBytes + align(tensorElements(output)) + scratchBytes,
  };
}

/** Shapes around the edges of the fast kernels' tiles: 8 channels, 6 rows, 4x4 outputs, 24 tiles. */
export function randomLayerShape(random: Random): LayerShape {
  const kernel = pick(random, ['conv', 'conv', 'conv', 'depthwise-conv', 'fully-connected'] as const);
  const channels = (): number => pick(random, [1, 3, 7, 8, 9, 16, 24, random.integer(1, 40)]);
  const window = pick(random, [1, 2, 3, 3, 3, 3, 5]);
  const base = { kernel, size: random.integer(1, 14), window, stride: 1, dilation: 1, pad: window >> 1, groups: 1 };
  const inputs = channels();
  const outputs = kernel === 'depthwise-conv' ? inputs : channels();
  if (random.next() < 0.5 || kernel === 'fully-connected') return { ...base, inputs, outputs };
  const varied = {
    stride: random.integer(1, 3),
    dilation: random.integer(1, 2),
    pad: random.integer(0, 4),
    size: random.integer(9, 17),
  };
  const groups = kernel === 'conv' && random.next() < 0.3 ? 2 : 1;
  return { ...base, ...varied, groups, inputs: inputs * groups, outputs: outputs * groups };
}
