/**
 * The protobuf messages of ONNX that bitwright reads and writes, as a compact descriptor, with decode and encode. The field
 * numbers are those of onnx.proto (proto2). Nothing here interprets a model; hostile bytes end in MODEL_INVALID.
 */
import protobuf from 'protobufjs/light.js';
import { BitwrightError } from '../base/errors.ts';

/** protobufjs gives 64-bit integers as Long objects. */
export interface Int64 {
  readonly low: number;
  readonly high: number;
}

export interface StringEntryProto {
  readonly key?: string;
  readonly value?: string;
}

export interface TensorProto {
  readonly dims: readonly Int64[];
  readonly dataType?: number;
  readonly floatData?: readonly number[];
  readonly int32Data?: readonly number[];
  readonly int64Data?: readonly Int64[];
  readonly doubleData?: readonly number[];
  readonly uint64Data?: readonly Int64[];
  readonly rawData?: Uint8Array;
  readonly name?: string;
  readonly externalData?: readonly StringEntryProto[];
  readonly dataLocation?: number;
}

export interface AttributeProto {
  readonly name?: string;
  readonly f?: number;
  readonly i?: Int64;
  readonly s?: Uint8Array;
  readonly t?: TensorProto | null;
  readonly g?: GraphProto | null;
  readonly floats?: readonly number[];
  readonly ints?: readonly Int64[];
  readonly strings?: readonly Uint8Array[];
  readonly type?: number;
}

export interface NodeProto {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly domain?: string;
  readonly attribute: readonly AttributeProto[];
}

export interface DimensionProto {
  readonly dimValue?: Int64;
  readonly dimParam?: string;
}

export interface ValueInfoProto {
  readonly name?: string;
  readonly type?: {
    readonly tensorType?: {
      readonly elemType?: number;
      readonly shape?: { readonly dim: readonly DimensionProto[] } | null;
    } | null;
  } | null;
}

export interface GraphProto {
  readonly node: readonly NodeProto[];
  readonly name?: string;
  readonly initializer: readonly TensorProto[];
  readonly sparseInitializer?: readonly unknown[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
}

export interface ModelProto {
  readonly irVersion?: Int64;
  readonly opsetImport: readonly { readonly domain?: string; readonly version?: Int64 }[];
  readonly producerName?: string;
  readonly graph?: GraphProto | null;
  readonly metadataProps?: readonly StringEntryProto[];
  readonly functions?: readonly unknown[];
}

type FieldRow = readonly [name: string, type: string, id: number, kind?: 'repeated' | 'packed'];

const messages: Readonly<Record<string, readonly FieldRow[]>> = {
  Model: [
    ['irVersion', 'int64', 1],
    ['producerName', 'string', 2],
    ['graph', 'Graph', 7],
    ['opsetImport', 'OperatorSetId', 8, 'repeated'],
    ['metadataProps', 'StringEntry', 14, 'repeated'],
    ['functions', 'Empty', 25, 'repeated'],
  ],
  OperatorSetId: [
    ['domain', 'string', 1],
    ['version', 'int64', 2],
  ],
  Graph: [
    ['node', 'Node', 1, 'repeated'],
    ['name', 'string', 2],
    ['initializer', 'Tensor', 5, 'repeated'],
    ['input', 'ValueInfo', 11, 'repeated'],
    ['output', 'ValueInfo', 12, 'repeated'],
    ['sparseInitializer', 'Empty', 15, 'repeated'],
  ],
  Node: [
    ['input', 'string', 1, 'repeated'],
    ['output', 'string', 2, 'repeated'],
    ['name', 'string', 3],
    ['opType', 'string', 4],
    ['attribute', 'Attribute', 5, 'repeated'],
    ['domain', 'string', 7],
  ],
  Attribute: [
    ['name', 'string', 1],
    ['f', 'float', 2],
    ['i', 'int64', 3],
    ['s', 'bytes', 4],
    ['t', 'Tensor', 5],
    ['g', 'Graph', 6],
    ['floats', 'float', 7, 'repeated'],
    ['ints', 'int64', 8, 'repeated'],
    ['strings', 'bytes', 9, 'repeated'],
    ['type', 'int32', 20],
  ],
  Tensor: [
    ['dims', 'int64', 1, 'repeated'],
    ['dataType', 'int32', 2],
    ['floatData', 'float', 4, 'packed'],
    ['int32Data', 'int32', 5, 'packed'],
    ['int64Data', 'int64', 7, 'packed'],
    ['name', 'string', 8],
    ['rawData', 'bytes', 9],
    ['doubleData', 'double', 10, 'packed'],
    ['uint64Data', 'uint64', 11, 'packed'],
    ['externalData', 'StringEntry', 13, 'repeated'],
    ['dataLocation', 'int32', 14],
  ],
  StringEntry: [
    ['key', 'string', 1],
    ['value', 'string', 2],
  ],
  ValueInfo: [
    ['name', 'string', 1],
    ['type', 'Type', 2],
  ],
  Type: [['tensorType', 'TensorType', 1]],
  TensorType: [
    ['elemType', 'int32', 1],
    ['shape', 'TensorShape', 2],
  ],
  TensorShape: [['dim', 'Dimension', 1, 'repeated']],
  Dimension: [
    ['dimValue', 'int64', 1],
    ['dimParam', 'string', 2],
  ],
  Empty: [],
};

function field([, type, id, kind]: FieldRow): protobuf.IField {
  if (kind === undefined) return { type, id };
  return { type, id, rule: 'repeated', options: { packed: kind === 'packed' } };
}

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(messages).map(([name, rows]) => [
      name,
      { fields: Object.fromEntries(rows.map((row) => [row[0], field(row)])) },
    ]),
  ),
});
const modelType = root.lookupType('Model');

/** Largest model file; protobuf itself allows no more. */
export const modelBytesMax = 2 ** 31 - 1;

/** Decodes a ModelProto. `where` names the file in errors. Tensor bytes are views into `bytes`. */
export function decodeModel(bytes: Uint8Array, where: string): ModelProto {
  const refuse = (message: string, seen: string, cause?: unknown): never => {
    throw new BitwrightError(
      'MODEL_INVALID',
      { message, where, seen, next: 'Check the file with the onnx checker, or export it again.' },
      { cause },
    );
  };
  if (bytes.length === 0) refuse('is empty', '0 bytes');
  if (bytes.length > modelBytesMax) refuse('is larger than protobuf allows', `${bytes.length} bytes`);
  let model: ModelProto;
  try {
    model = modelType.decode(bytes) as unknown as ModelProto;
  } catch (cause) {
    return refuse('is no readable ONNX model (truncated or damaged)', `${(cause as Error).message}`, cause);
  }
  if (model.graph == null || !Object.hasOwn(model, 'graph')) refuse('is no ONNX model', 'no graph in the file');
  return model;
}

/** Encodes a model given as a plain object; plain numbers serve as 64-bit integers. */
export function encodeModel(model: Record<string, unknown>): Uint8Array<ArrayBuffer> {
  return modelType.encode(modelType.fromObject(model)).finish().slice() as Uint8Array<ArrayBuffer>;
}

/** A 64-bit integer as a number, NaN where it is not exactly representable. */
export function int64ToNumber(value: Int64): number {
  const number = value.high * 4294967296 + (value.low >>> 0);
  return Number.isSafeInteger(number) ? number : Number.NaN;
}

export function int64ToBigInt(value: Int64): bigint {
  return (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
}
