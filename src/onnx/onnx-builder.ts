/** Builds an ONNX file from plain calls: nodes, initializers, inputs and outputs. Shared by the float writer, the quantized export and gradient graphs. */
import { type DType, elementCount, type Shape, type Tensor } from '../base/tensor.ts';
import { encodeModel } from './model-proto.ts';
import { typeNumbers } from './tensor-type.ts';
import { uniqueNames } from './unique-names.ts';

/** An attribute says its kind, because 1 may be a float or an integer. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] };

export interface OnnxNodeOptions {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly domain?: string;
}

export interface OnnxBuilder {
  node(opType: string, inputs: readonly string[], outputs: readonly string[], options: OnnxNodeOptions): void;
  /** Adds an initializer once per name and returns the name. int4 data is packed. */
  constant(name: string, tensor: Tensor): string;
  /** Adds an initializer under a name derived from `name` that nothing else has. */
  newConstant(name: string, tensor: Tensor): string;
  /** The first size of a shape may be the name of the batch axis. */
  input(name: string, dtype: DType, shape: readonly (number | string)[]): void;
  output(name: string, dtype: DType, shape: readonly (number | string)[]): void;
  /** Adds an entry of the model's metadata. */
  metadata(key: string, value: string): void;
  finish(options: {
    readonly opset: number;
    readonly name: string;
    readonly domains?: Readonly<Record<string, number>>;
  }): Uint8Array<ArrayBuffer>;
}

/** IR version of the ONNX releases that introduced the operator sets bitwright writes. */
const irVersions: Readonly<Record<number, number>> = { 13: 8, 17: 8, 20: 9, 21: 10 };

export function createOnnxBuilder(): OnnxBuilder {
  const nodes: object[] = [];
  const initializers: object[] = [];
  const inputs: object[] = [];
  const outputs: object[] = [];
  const metadataProps: object[] = [];
  const added = new Map<string, Tensor>();
  const unique = uniqueNames((name) => added.has(name));
  const constant = (name: string, tensor: Tensor): string => {
    if (!added.has(name)) initializers.push(tensorProto(name, tensor));
    added.set(name, tensor);
    return name;
  };
  return {
    node: (opType, nodeInputs, nodeOutputs, { name, attributes = {}, domain }) => {
      const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
      nodes.push({
        opType,
        input: nodeInputs,
        output: nodeOutputs,
        name,
        attribute,
        ...(domain === undefined ? {} : { domain }),
      });
    },
    constant,
    newConstant: (name, tensor) => constant(unique(name), tensor),
    input: (name, dtype, shape) => inputs.push(valueInfo(name, dtype, shape)),
    output: (name, dtype, shape) => outputs.push(valueInfo(name, dtype, shape)),
    metadata: (key, value) => metadataProps.push({ key, value }),
    finish: ({ opset, name, domains = {} }) =>
      encodeModel({
        irVersion: irVersions[opset] ?? 10,
        producerName: 'bitwright',
        metadataProps,
        opsetImport: [
          { domain: '', version: opset },
          ...Object.entries(domains).map(([domain, version]) => ({ domain, version })),
        ],
        graph: { name, node: nodes, initializer: initializers, input: inputs, output: outputs },
      }),
  };
}

/** AttributeProto with the type number that onnx.proto gives its kind. */
function attributeProto(name: string, value: OnnxAttribute): object {
  if ('int' in value) return { name, type: 2, i: value.int };
  if ('float' in value) return { name, type: 1, f: value.float };
  if ('string' in value) return { name, type: 3, s: new TextEncoder().encode(value.string) };
  if ('ints' in value) return { name, type: 7, ints: value.ints };
  return { name, type: 6, floats: value.floats };
}

function tensorProto(name: string, tensor: Tensor): object {
  const data = tensor.data;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const rawData = tensor.dtype === 'int4' ? packNibbles(bytes, elementCount(tensor.shape)) : bytes;
  return { name, dims: tensor.shape, dataType: typeNumbers[tensor.dtype], rawData };
}

/** First element in the low nibble. */
function packNibbles(values: Uint8Array, count: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil(count / 2));
  for (let index = 0; index < count; index++) packed[index >> 1]! |= (values[index]! & 15) << ((index & 1) * 4);
  return packed;
}

function valueInfo(name: string, dtype: DType, shape: readonly (number | string)[]): object {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: typeNumbers[dtype], shape: { dim } } } };
}

/** Name of the batch axis in files that bitwright writes. */
export const batchAxis = 'N';

export function batched(shape: Shape): (number | string)[] {
  return shape.length === 0 ? [] : [batchAxis, ...shape.slice(1)];
}

export function floatScalar(value: number): Tensor {
  return { dtype: 'float32', shape: [], data: Float32Array.of(value) };
}

export function intVector(values: readonly number[]): Tensor {
  return { dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}
