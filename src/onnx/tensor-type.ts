/** ONNX element types: their numbers (TensorProto.DataType), names and the dtype that bitwright keeps them in. */
import type { DType } from '../base/tensor.ts';

export interface TensorType {
  readonly name: string;
  /** dtype after decoding; half floats are widened. Undefined where bitwright cannot hold the type. */
  readonly dtype?: DType;
  /** Bits of one element in raw data. */
  readonly bits: number;
}

export const tensorTypes: Readonly<Record<number, TensorType>> = {
  1: { name: 'float', dtype: 'float32', bits: 32 },
  2: { name: 'uint8', dtype: 'uint8', bits: 8 },
  3: { name: 'int8', dtype: 'int8', bits: 8 },
  4: { name: 'uint16', dtype: 'uint16', bits: 16 },
  5: { name: 'int16', dtype: 'int16', bits: 16 },
  6: { name: 'int32', dtype: 'int32', bits: 32 },
  7: { name: 'int64', dtype: 'int64', bits: 64 },
  8: { name: 'string', bits: 0 },
  9: { name: 'bool', dtype: 'bool', bits: 8 },
  10: { name: 'float16', dtype: 'float32', bits: 16 },
  11: { name: 'double', dtype: 'float64', bits: 64 },
  12: { name: 'uint32', dtype: 'uint32', bits: 32 },
  13: { name: 'uint64', dtype: 'int64', bits: 64 },
  14: { name: 'complex64', bits: 64 },
  15: { name: 'complex128', bits: 128 },
  16: { name: 'bfloat16', dtype: 'float32', bits: 16 },
  17: { name: 'float8e4m3fn', bits: 8 },
  18: { name: 'float8e4m3fnuz', bits: 8 },
  19: { name: 'float8e5m2', bits: 8 },
  20: { name: 'float8e5m2fnuz', bits: 8 },
  21: { name: 'uint4', dtype: 'uint8', bits: 4 },
  22: { name: 'int4', dtype: 'int4', bits: 4 },
};

/** Number of the ONNX type that holds a dtype. */
export const typeNumbers: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
  uint32: 12,
  int4: 22,
};

/** Name of a type number for messages. */
export function tensorTypeName(type: number | undefined): string {
  return tensorTypes[type ?? 0]?.name ?? `type ${type ?? 0}`;
}
