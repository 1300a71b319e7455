/** One-op integer programs of the onnxruntime profile and the random operands that they and ONNX Runtime are compared on. */
import { expect } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import type { Random } from '../../../src/base/random.ts';
import { elementCount, type Shape, type TensorData, transposeTensor } from '../../../src/base/tensor.ts';
import type { Attributes, Graph } from '../../../src/graph/graph.ts';
import { graphPermutation, physicalPermutation, physicalShape } from '../../../src/graph/physical-layout.ts';
import type { ActivationQuantization, WeightQuantization } from '../../../src/graph/quantization-plan.ts';
import { lower } from '../../../src/lower/lower.ts';
import type { OnnxBuilder } from '../../../src/onnx/onnx-builder.ts';
import { getOp } from '../../../src/ops/registry.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { scalar } from './ort-session.ts';

export const profile = getProfile('onnxruntime');

export type Native = 'int8' | 'uint8';

export function randomActivation(random: Random, around = 0.05): ActivationQuantization {
  // Round scales make ties; others make none.
  const scale = random.next() < 0.4 ? 2 ** random.integer(-7, -3) : Math.fround(around * (0.5 + random.next()));
  return { bits: 8, scale, zeroPoint: random.integer(-20, 20), qMin: -128, qMax: 127 };
}

export function randomCodes(random: Random, count: number): Int8Array<ArrayBuffer> {
  return Int8Array.from({ length: count }, () =>
    random.next() < 0.1 ? (random.next() < 0.5 ? -128 : 127) : random.integer(-128, 127),
  );
}

export interface OneOp {
  readonly op: string;
  readonly attributes: Attributes;
  /** Graph layout. */
  readonly inputs: readonly {
    readonly shape: Shape;
    readonly codes: Int8Array<ArrayBuffer>;
    readonly quantization: ActivationQuantization;
  }[];
  readonly output: ActivationQuantization;
  readonly weights?: {
    readonly shape: Shape;
    readonly quantization: WeightQuantization;
    readonly biasCodes: Int32Array<ArrayBuffer>;
  };
}

/** Codes of the integer program, in graph layout, and the output's shape. */
export function simulate({ op, attributes, inputs, output, weights }: OneOp): { codes: Int32Array; shape: Shape } {
  const names = inputs.map((_, index) => `x${index}`);
  const constants = new Map();
  if (weights !== undefined) {
    const { shape } = weights;
    constants.set('w', { dtype: 'float32', shape, data: new Float32Array(elementCount(shape)) });
  }
  const node = {
    name: 'n',
    op,
    inputs: [...names, ...(weights === undefined ? [] : ['w'])],
    outputs: ['y'],
    attributes,
  };
  const values = new Map(
    inputs.map(({ shape }, index) => [names[index], { name: names[index], dtype: 'float32' as const, shape }]),
  );
  const [shape] = getOp(op).inferShapes(node, [...values.values()], constants);
  values.set('y', { name: 'y', dtype: 'float32', shape });
  const graph: Graph = { name: 'one', nodes: [node], values, constants, inputs: names, outputs: ['y'] };
  const activations = new Map([
    ...inputs.map(({ quantization }, index) => [names[index], quantization] as const),
    ['y', output] as const,
  ]);
  const program = lower(
    graph,
    { activations, weights: new Map(weights === undefined ? [] : [['n', weights.quantization]]) },
    profile,
  );
  const withBias = weights === undefined ? program : replaceBias(program, weights.biasCodes);
  const physical = inputs.map(({ shape: inputShape, codes }) => {
    const tensor = { dtype: 'int8' as const, shape: inputShape, data: codes };
    return transposeTensor(tensor, physicalPermutation(inputShape.length)).data as Int8Array<ArrayBuffer>;
  });
  const data = Int32Array.from(runReference(withBias, physical)[0]);
  const codes = transposeTensor(
    { dtype: 'int32', shape: physicalShape(shape), data },
    graphPermutation(shape.length),
  ).data;
  return { codes: codes as Int32Array, shape };
}

/** The operators take integer biases; the plan's float one would only be rounded to them. */
function replaceBias(program: ReturnType<typeof lower>, bias: Int32Array<ArrayBuffer>): ReturnType<typeof lower> {
  const [operation] = program.operations;
  const constants = [...program.constants, { name: 'bias', packing: 'int32' as const, data: bias }];
  return {
    ...program,
    constants,
    operations: [{ ...operation, parameters: { ...operation.parameters, bias: constants.length - 1 } }],
  };
}

/** Fails on any differing code; returns how many were compared. */
export function expectEqual(codes: ArrayLike<number>, oracle: TensorData, native: Native): number {
  const shift = native === 'uint8' ? 128 : 0;
  let mismatches = 0;
  for (let index = 0; index < codes.length; index++) if (codes[index] + shift !== Number(oracle[index])) mismatches++;
  expect([codes.length, mismatches]).toEqual([oracle.length, 0]);
  return codes.length;
}

/** Scale and zero point of a value as initializers. */
export function affine(
  builder: OnnxBuilder,
  name: string,
  { scale, zeroPoint }: ActivationQuantization,
  native: Native,
): string[] {
  return [
    scalar(builder, `${name}s`, 'float32', scale),
    scalar(builder, `${name}z`, native, zeroPoint + (native === 'uint8' ? 128 : 0)),
  ];
}

/** Weight codes with their scales and zero points, per channel or one. */
export function weightNames(builder: OnnxBuilder, { shape, quantization }: NonNullable<OneOp['weights']>): string[] {
  const { scales, codes } = quantization;
  const scaleShape = scales.length > 1 ? [scales.length] : [];
  return [
    builder.constant('w', { dtype: 'int8', shape, data: codes }),
    builder.constant('ws', { dtype: 'float32', shape: scaleShape, data: scales }),
    builder.constant('wz', { dtype: 'int8', shape: scaleShape, data: new Int8Array(scales.length) }),
  ];
}

export const natives: readonly Native[] = ['int8', 'uint8'];

export function randomWeights(random: Random, shape: Shape, perChannel: boolean, native: Native) {
  const count = elementCount(shape);
  // With unsigned activations 7-bit weights keep CPUs without VNNI from saturating their 16-bit pair sums.
  const limit = native === 'uint8' ? 63 : 127;
  const codes = Int8Array.from({ length: count }, () => random.integer(-limit, limit));
  const scales = Float32Array.from({ length: perChannel ? shape[0] : 1 }, () =>
    random.next() < 0.3 ? 2 ** -7 : 0.004 + 0.01 * random.next(),
  );
  const biasCodes = Int32Array.from({ length: shape[0] }, () => random.integer(-20000, 20000));
  return { shape, quantization: { bits: 8, perChannel, scales, codes, bias: null }, biasCodes };
}
