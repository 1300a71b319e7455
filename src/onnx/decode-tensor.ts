/** TensorProto to Tensor: raw, typed and external data of every element type that bitwright holds. Half floats are widened to float32, uint64 must fit int64. */
import { BitwrightError } from '../base/errors.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from '../base/float16.ts';
import { elementCount, type Tensor, type TensorData } from '../base/tensor.ts';
import { type ExternalData, readExternalData } from './external-data.ts';
import { type Int64, int64ToBigInt, int64ToNumber, type TensorProto } from './model-proto.ts';
import { type TensorType, tensorTypeName, tensorTypes } from './tensor-type.ts';

const externalLocation = 1;
const rankMax = 8;
/** More elements than a 2 GiB model file could hold in 4 bits. */
const elementsMax = 2 ** 32;

function refuse(where: string, message: string, seen: string | number, allowed?: string | number): never {
  const issue = { message, where, seen, next: 'Export the model again.' };
  throw new BitwrightError('MODEL_INVALID', allowed === undefined ? issue : { ...issue, allowed });
}

/** Decodes one tensor; `where` names it in errors. Memory is bounded by the bytes that the file really holds. */
export function decodeTensor(proto: TensorProto, where: string, externalData?: ExternalData): Tensor {
  const type = tensorTypes[proto.dataType ?? 0];
  if (type?.dtype === undefined) refuse(where, 'tensor element type is not supported', tensorTypeName(proto.dataType));
  const shape = proto.dims.map(int64ToNumber);
  if (shape.length > rankMax) refuse(where, 'tensor has too many axes', shape.length, rankMax);
  const count = elementCount(shape);
  if (!shape.every((size) => size >= 0) || !(count <= elementsMax))
    refuse(where, 'tensor shape', `[${shape.join(',')}]`, 'sizes of 0 and up');
  const byteCount = Math.ceil((count * type.bits) / 8);
  const external = proto.dataLocation === externalLocation;
  const raw = external ? readExternalData(proto, byteCount, where, externalData) : proto.rawData;
  if (raw === undefined || (raw.length === 0 && count > 0))
    return { dtype: type.dtype, shape, data: typedData(proto, type, count, where) };
  if (raw.length !== byteCount)
    refuse(where, 'tensor data does not fit its shape', `${raw.length} bytes`, `${byteCount} bytes`);
  return { dtype: type.dtype, shape, data: rawElements(raw, type, count, where) };
}

function rawElements(raw: Uint8Array, type: TensorType, count: number, where: string): TensorData {
  if (type.bits === 4) return unpackNibbles(raw, count, type.name === 'int4');
  const buffer = new Uint8Array(raw).buffer;
  switch (type.name) {
    case 'float':
      return new Float32Array(buffer);
    case 'float16':
      return float16ToFloat32(new Uint16Array(buffer));
    case 'bfloat16':
      return bfloat16ToFloat32(new Uint16Array(buffer));
    case 'double':
      return new Float64Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'uint16':
      return new Uint16Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'uint64': {
      const values = new BigInt64Array(buffer);
      if (values.some((value) => value < 0n)) refuse(where, 'uint64 value does not fit int64', 'more than 2^63 - 1');
      return values;
    }
    default:
      return new Uint8Array(buffer);
  }
}

/** First element in the low nibble (onnx.proto, TensorProto.int32_data). */
function unpackNibbles(
  raw: Uint8Array,
  count: number,
  signed: boolean,
): Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer> {
  const values = signed ? new Int8Array(count) : new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    const nibble = (raw[index >> 1]! >> ((index & 1) * 4)) & 15;
    values[index] = signed && nibble > 7 ? nibble - 16 : nibble;
  }
  return values;
}

/** The typed fields: float_data, double_data, int64_data, uint64_data, and int32_data for everything of 32 bits and less. */
function typedData(proto: TensorProto, type: TensorType, count: number, where: string): TensorData {
  const expect = <T>(values: readonly T[] | undefined, entries: number): readonly T[] => {
    const seen = values ?? [];
    if (seen.length !== entries)
      refuse(where, 'tensor data does not fit its shape', `${seen.length} values`, `${entries} values`);
    return seen;
  };
  switch (type.name) {
    case 'float':
      return Float32Array.from(expect(proto.floatData, count));
    case 'double':
      return Float64Array.from(expect(proto.doubleData, count));
    case 'int64':
      return BigInt64Array.from(expect(proto.int64Data, count), int64ToBigInt);
    case 'uint64':
      return rawElements(wordBytes(expect(proto.uint64Data, count)), type, count, where);
    case 'uint32':
      return Uint32Array.from(expect(proto.uint64Data, count), (value: Int64) => value.low >>> 0);
    default:
      return rawElements(
        int32Bytes(expect(proto.int32Data, type.bits === 4 ? Math.ceil(count / 2) : count), type.bits),
        type,
        count,
        where,
      );
  }
}

function wordBytes(values: readonly Int64[]): Uint8Array {
  const words = Int32Array.from(values.flatMap((value) => [value.low, value.high]));
  return new Uint8Array(words.buffer);
}

/** Cuts int32_data entries to the element's bytes; nibble types already hold two elements an entry. */
function int32Bytes(values: readonly number[], bits: number): Uint8Array {
  if (bits === 32) return new Uint8Array(Int32Array.from(values).buffer);
  if (bits === 16) return new Uint8Array(Uint16Array.from(values).buffer);
  return Uint8Array.from(values);
}
