/** Constants as plain arrays of one kind of number, whatever dtype the model stored them in. */
import type { DType, Tensor, TensorData } from '../../base/tensor.ts';

/** The elements as float32; the same array where the constant is float32 already. */
export function floatsOf(tensor: Tensor): Float32Array<ArrayBuffer> {
  if (tensor.data instanceof Float32Array) return tensor.data;
  return Float32Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

/** The elements as JavaScript numbers; int64 beyond 2^53 becomes the nearest double. */
export function numbersOf(tensor: Tensor): number[] {
  return Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

/** A new array of a dtype from numbers: integers wrap like a C cast from int64, floats round to the dtype. */
export function dataOf(dtype: DType, values: readonly number[]): TensorData {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(values);
    case 'float64':
      return Float64Array.from(values);
    case 'int64':
      return BigInt64Array.from(values, (value) => BigInt(Number.isFinite(value) ? Math.trunc(value) : 0));
    case 'int8':
    case 'int4':
      return Int8Array.from(values);
    case 'int16':
      return Int16Array.from(values);
    case 'uint16':
      return Uint16Array.from(values);
    case 'int32':
      return Int32Array.from(values);
    case 'uint32':
      return Uint32Array.from(values);
    case 'bool':
      return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
    default:
      return Uint8Array.from(values);
  }
}

export function isInteger(dtype: DType): boolean {
  return dtype !== 'float32' && dtype !== 'float64';
}

export function tensorOf(dtype: DType, shape: readonly number[], values: readonly number[]): Tensor {
  return { dtype, shape, data: dataOf(dtype, values) };
}
