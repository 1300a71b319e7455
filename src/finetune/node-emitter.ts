/**
 * Emits ONNX nodes as expressions: each call returns the name of what it made, and equal small constants are shared. A layer over
 * the ONNX builder for training graphs, which run in onnxruntime only and may use its com.microsoft domain.
 */
import type { Shape, TensorData } from '../base/tensor.ts';
import { createOnnxBuilder, floatScalar, intVector, type OnnxAttribute } from '../onnx/onnx-builder.ts';
import { typeNumbers } from '../onnx/tensor-type.ts';

export type EmitterDType = 'float32' | 'int16' | 'int64';

/** ONNX's number of float32, for Cast. */
export const floatType = typeNumbers.float32;

/** A number or list is an integer attribute; a real one says so. */
export type EmitterAttributes = Readonly<
  Record<string, number | string | readonly number[] | { readonly float: number }>
>;

export interface NodeEmitter {
  /** Adds a node with one output and returns that output's name. '' stands for an absent optional input. */
  node(opType: string, inputs: readonly string[], attributes?: EmitterAttributes): string;
  /** The same for `count` outputs. */
  nodeOf(count: number, opType: string, inputs: readonly string[], attributes?: EmitterAttributes): string[];
  constant(dtype: EmitterDType, shape: Shape, data: TensorData): string;
  /** A float32 scalar; equal ones are shared. */
  scalar(value: number): string;
  /** A 1-D int64 constant (shapes, axes, starts); equal ones are shared. */
  int64(...values: readonly number[]): string;
  /** Declares a graph input under exactly this name. */
  input(name: string, dtype: EmitterDType, shape: Shape): string;
  /** Makes a float32 value a graph output under exactly this name. */
  output(name: string, value: string, shape: Shape): void;
  /** The encoded ModelProto. */
  finish(): Uint8Array<ArrayBuffer>;
}

/** The first operator set with int8 and int16 QuantizeLinear and every reduction that scatters need is 18; 21 is what is tested. */
const opset = 21;
/** Operators of onnxruntime's own domain that training graphs use. */
const microsoftOps = new Set(['FusedMatMul']);

function attributeOf(value: EmitterAttributes[string]): OnnxAttribute {
  if (typeof value === 'number') return { int: value };
  if (typeof value === 'string') return { string: value };
  return 'float' in value ? value : { ints: value };
}

export function createNodeEmitter(graphName: string): NodeEmitter {
  const builder = createOnnxBuilder();
  let counter = 0;
  const emitter: NodeEmitter = {
    nodeOf: (count, opType, inputs, attributes = {}) => {
      const name = `${opType}_${counter++}`;
      const outputs = Array.from({ length: count }, (_, index) => `${name}_${index}`);
      builder.node(opType, inputs, outputs, {
        name,
        attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, attributeOf(value)])),
        ...(microsoftOps.has(opType) ? { domain: 'com.microsoft' } : {}),
      });
      return outputs;
    },
    node: (opType, inputs, attributes) => emitter.nodeOf(1, opType, inputs, attributes)[0]!,
    constant: (dtype, shape, data) => builder.newConstant(`constant_${counter++}`, { dtype, shape, data }),
    scalar: (value) => builder.constant(`float_${value}`, floatScalar(value)),
    int64: (...values) => builder.constant(`int64_${values.join('_')}`, intVector(values)),
    input: (name, dtype, shape) => {
      builder.input(name, dtype, shape);
      return name;
    },
    output: (name, value, shape) => {
      builder.node('Identity', [value], [name], { name: `output_${counter++}` });
      builder.output(name, 'float32', shape);
    },
    finish: () => builder.finish({ opset, name: graphName, domains: { 'com.microsoft': 1 } }),
  };
  return emitter;
}
