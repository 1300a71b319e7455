/** An operator vector as a one-operation integer program, so that any engine or board that runs programs can be held to it. */
import { getProfile } from '../arithmetic/registry.ts';
import { elementCount, type Shape } from '../base/tensor.ts';
import type { OperatorVector, VectorTensor } from '../data/operator-vector.ts';
import type { IntegerProgram, ProgramConstant, ProgramTensor } from '../graph/integer-program.ts';
import { getOp } from '../ops/registry.ts';
import type { CodeArray } from '../simulate/engine.ts';

/** The one operation under the vector's own profile, or under another one to see what that would give. */
export function vectorToProgram(vector: OperatorVector, profileId = vector.profile): IntegerProgram {
  const { inputNames, batched, outputShape, parameters } = geometryOf(vector);
  const constants: ProgramConstant[] = [];
  const words: Record<string, number> = { ...parameters };
  for (const [name, tensor] of Object.entries(vector.tensors)) {
    if (inputNames.includes(name) || name === 'expected') continue;
    words[name] = constants.push(constantOf(vector, name, tensor)) - 1;
  }
  const sampleShape = (shape: Shape): Shape => (batched ? [1, ...shape.slice(1)] : shape);
  const shapes = [...inputNames.map((name) => vector.tensors[name].shape), outputShape].map(sampleShape);
  const names = [...inputNames, 'output'];
  const dtypes = [...inputNames, 'expected'].map((name) => vector.tensors[name].dtype as 'int8' | 'int16');
  let arenaBytes = 0;
  const tensors = shapes.map((shape, index): ProgramTensor => {
    const wide = dtypes[index] === 'int16';
    const arenaOffsetBytes = arenaBytes;
    arenaBytes += align(elementCount(shape) * (wide ? 2 : 1));
    const [qMin, qMax] = wide ? [-32768, 32767] : [-128, 127];
    const placed = { name: names[index], dtype: dtypes[index], shape, arenaOffsetBytes };
    return { ...placed, scale: 1, zeroPoint: 0, bits: wide ? 16 : 8, qMin, qMax };
  });
  const scratchBytes = align(getOp(vector.op).scratchBytes?.(words) ?? 0);
  return {
    profile: profileId,
    tensors,
    constants,
    operations: [
      {
        kernel: vector.op,
        name: vector.name,
        rule: ruleOf(vector, profileId),
        inputs: inputNames.map((_, index) => index),
        output: inputNames.length,
        parameters: words,
        macs: 0,
      },
    ],
    inputs: inputNames.map((_, index) => index),
    outputs: [inputNames.length],
    arenaBytes: arenaBytes + scratchBytes,
    scratchBytes,
  };
}

/** The samples of a vector: the input codes of each, and the codes it must give. */
export function vectorSamples(vector: OperatorVector): { inputs: CodeArray[]; expected: CodeArray }[] {
  const { inputNames, batched } = geometryOf(vector);
  const count = batched ? vector.tensors.expected.shape[0] : 1;
  const part = (name: string, sample: number): CodeArray => {
    const { data, dtype } = vector.tensors[name];
    const length = data.length / count;
    const codes = data.slice(sample * length, (sample + 1) * length);
    return dtype === 'int16' ? Int16Array.from(codes) : Int8Array.from(codes);
  };
  return Array.from({ length: count }, (_, sample) => ({
    inputs: inputNames.map((name) => part(name, sample)),
    expected: part('expected', sample),
  }));
}

/** 16-bit elementwise and pooling ops use the 32-bit double rounding even where convolutions have 64-bit accumulators. */
function ruleOf(vector: OperatorVector, profileId: string): string {
  const rule = getProfile(profileId).requantize;
  const accumulates = vector.tensors.bias !== undefined;
  return rule === 'reduced-16' && !accumulates ? 'double' : rule;
}

interface Geometry {
  readonly inputNames: readonly string[];
  /** Whether the first axis counts samples; else it is an axis like any other. */
  readonly batched: boolean;
  readonly outputShape: Shape;
  readonly parameters: Readonly<Record<string, number>>;
}

function geometryOf(vector: OperatorVector): Geometry {
  const shape = (name: string): Shape => vector.tensors[name].shape;
  const outputShape = shape('expected');
  const scalars = Object.fromEntries(
    Object.entries(vector.parameters).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
  switch (vector.op) {
    case 'conv':
    case 'depthwise-conv':
      return { inputNames: ['input'], batched: true, outputShape, parameters: convolutionWords(vector, scalars) };
    case 'average-pool': {
      const words = { ...windowWords(vector, vector.parameters.kernel as number[], [1, 1]), channels: outputShape[3] };
      const integer = { countIncludePad: 0, method: 0, inputZeroPoint: 0, outputZeroPoint: 0 };
      const scales = { inputMultiplier: 0, outputMultiplier: 0 };
      return {
        inputNames: ['input'],
        batched: true,
        outputShape,
        parameters: { ...scalars, ...words, ...integer, ...scales },
      };
    }
    case 'fully-connected': {
      const [outputs, inputs] = shape('weights');
      const channelStep = shape('multiplier')[0] > 1 ? 1 : 0;
      const parameters = { ...scalars, rows: outputShape[0], inputs, outputs, channelStep };
      return { inputNames: ['input'], batched: false, outputShape, parameters };
    }
    case 'softmax':
      return {
        inputNames: ['input'],
        batched: false,
        outputShape,
        parameters: { ...scalars, rows: outputShape[0], depth: outputShape[1] },
      };
    default: {
      const elements = elementCount(outputShape);
      const common = { elements, input2Elements: elements };
      const own = vector.op === 'add' ? { subtract: 0 } : { input1Multiplier: 0, input2Multiplier: 0 };
      return {
        inputNames: ['input1', 'input2'],
        batched: false,
        outputShape,
        parameters: { ...scalars, ...common, ...own },
      };
    }
  }
}

function windowWords(vector: OperatorVector, kernel: readonly number[], dilations: readonly number[]) {
  const [, inputHeight, inputWidth] = vector.tensors.input.shape;
  const [, outputHeight, outputWidth] = vector.tensors.expected.shape;
  const strides = vector.parameters.strides as readonly number[];
  const pads = vector.parameters.pads as readonly number[];
  return {
    inputHeight,
    inputWidth,
    outputHeight,
    outputWidth,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideHeight: strides[0],
    strideWidth: strides[1],
    dilationHeight: dilations[0],
    dilationWidth: dilations[1],
    padTop: pads[0],
    padLeft: pads[1],
  };
}

function convolutionWords(vector: OperatorVector, scalars: Record<string, number>): Record<string, number> {
  const weights = vector.tensors.weights.shape;
  const inputChannels = vector.tensors.input.shape[3];
  const outputChannels = vector.tensors.expected.shape[3];
  const { groups, ...rest } = scalars;
  return {
    ...rest,
    ...windowWords(vector, [weights[1], weights[2]], vector.parameters.dilations as readonly number[]),
    inputChannels,
    outputChannels,
    ...(vector.op === 'conv' ? { groups } : { channelMultiplier: outputChannels / inputChannels }),
    channelStep: vector.tensors.multiplier.shape[0] > 1 ? 1 : 0,
  };
}

/** `bias` is int64 for 16-bit activations, int32 otherwise: that is what kernels read. */
function constantOf(vector: OperatorVector, name: string, { dtype, data }: VectorTensor): ProgramConstant {
  const wide = name === 'bias' && vector.tensors.input.dtype === 'int16';
  if (wide) return { name, packing: 'int64', data: BigInt64Array.from(data, BigInt) };
  if (dtype === 'int2' || dtype === 'int4' || dtype === 'int8') {
    return { name, packing: dtype, data: Int8Array.from(data) };
  }
  return { name, packing: 'int32', data: Int32Array.from(data) };
}

function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
