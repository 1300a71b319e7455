/**
 * What an operator vector (schema `bitwright-vectors/1`) of each op must hold: parameters with their ranges, tensors with their data
 * types, and how their shapes hang together.
 */

export type VectorDType = 'int2' | 'int4' | 'int8' | 'int16' | 'int32' | 'int64';

/** A parameter: one integer, or `length` of them, within [low, high]. */
export interface VectorParameter {
  readonly low: number;
  readonly high: number;
  readonly length?: number;
}

export interface VectorTensorSchema {
  readonly dtypes: readonly VectorDType[];
  readonly rank: readonly [number, number];
}

export interface VectorOpSchema {
  readonly parameters: Readonly<Record<string, VectorParameter>>;
  readonly tensors: Readonly<Record<string, VectorTensorSchema>>;
}

const code: VectorParameter = { low: -32768, high: 32767 };
const word: VectorParameter = { low: -2147483648, high: 2147483647 };
const shift: VectorParameter = { low: -62, high: 31 };
const size = (length: number, low: number): VectorParameter => ({ low, high: 65535, length });
const clamps = { clampMin: code, clampMax: code };

const activation = (low: number, high = low): VectorTensorSchema => ({ dtypes: ['int8', 'int16'], rank: [low, high] });
const weights = (rank: number): VectorTensorSchema => ({ dtypes: ['int8', 'int4', 'int2'], rank: [rank, rank] });
const channelWords: VectorTensorSchema = { dtypes: ['int32'], rank: [1, 1] };
const bias: VectorTensorSchema = { dtypes: ['int32', 'int64'], rank: [1, 1] };
const weighted = { bias, multiplier: channelWords, shift: channelWords };
const weightBits: VectorParameter = { low: 2, high: 8 };

const convolution: VectorOpSchema = {
  parameters: {
    strides: size(2, 1),
    dilations: size(2, 1),
    pads: size(4, 0),
    groups: { low: 1, high: 65535 },
    weightBits,
    inputZeroPoint: code,
    outputZeroPoint: code,
    ...clamps,
  },
  tensors: { input: activation(4), weights: weights(4), ...weighted, expected: activation(4) },
};

export const vectorSchemas: Readonly<Record<string, VectorOpSchema>> = {
  conv: convolution,
  'depthwise-conv': convolution,
  'fully-connected': {
    parameters: { weightBits, inputZeroPoint: code, weightZeroPoint: code, outputZeroPoint: code, ...clamps },
    tensors: { input: activation(2), weights: weights(2), ...weighted, expected: activation(2) },
  },
  add: {
    parameters: {
      leftShift: { low: 0, high: 20 },
      input1ZeroPoint: code,
      input1Multiplier: word,
      input1Shift: shift,
      input2ZeroPoint: code,
      input2Multiplier: word,
      input2Shift: shift,
      outputZeroPoint: code,
      outputMultiplier: word,
      outputShift: shift,
      ...clamps,
    },
    tensors: { input1: activation(1, 4), input2: activation(1, 4), expected: activation(1, 4) },
  },
  mul: {
    parameters: {
      input1ZeroPoint: code,
      input2ZeroPoint: code,
      outputZeroPoint: code,
      outputMultiplier: word,
      outputShift: shift,
      ...clamps,
    },
    tensors: { input1: activation(1, 4), input2: activation(1, 4), expected: activation(1, 4) },
  },
  'average-pool': {
    parameters: { kernel: size(2, 1), strides: size(2, 1), pads: size(4, 0), ...clamps },
    tensors: { input: activation(4), expected: activation(4) },
  },
  softmax: {
    parameters: { inputMultiplier: word, inputLeftShift: { low: 0, high: 31 }, diffMin: word },
    tensors: {
      input: { dtypes: ['int8'], rank: [2, 2] },
      expected: { dtypes: ['int8'], rank: [2, 2] },
    },
  },
};

/** Inclusive code range of a data type; int64 as far as a double is exact. */
export const vectorRanges: Readonly<Record<VectorDType, readonly [number, number]>> = {
  int2: [-2, 1],
  int4: [-8, 7],
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};
