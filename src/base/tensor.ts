/** A dense row-major tensor: dtype, shape and one typed array. int4 is unpacked (one entry a value) everywhere outside blobs. */
import { assert } from './errors.ts';

export type DType =
  | 'float32'
  | 'float64'
  | 'int4'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'bool';

export type TensorData =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>;

export type Shape = readonly number[];

export interface Tensor<D extends TensorData = TensorData> {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: D;
}

export type FloatTensor = Tensor<Float32Array<ArrayBuffer>>;

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function floatTensor(shape: Shape, data?: Float32Array<ArrayBuffer>): FloatTensor {
  const count = elementCount(shape);
  const values = data ?? new Float32Array(count);
  assert(
    values.length === count,
    `A tensor of shape [${shape.join(',')}] needs ${count} values, got ${values.length}.`,
  );
  return { dtype: 'float32', shape, data: values };
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** Permutes axes: output axis i is input axis `permutation[i]` (ONNX Transpose). */
export function transposeTensor<T extends Tensor>(tensor: T, permutation: readonly number[]): T {
  const strides = stridesOf(tensor.shape);
  const shape = permutation.map((axis) => tensor.shape[axis]!);
  const steps = permutation.map((axis) => strides[axis]!);
  const data = tensor.data.slice() as TensorData;
  const counter = new Array<number>(shape.length).fill(0);
  let source = 0;
  for (let target = 0; target < data.length; target++) {
    data[target] = tensor.data[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += steps[axis]!;
      counter[axis]!++;
      if (counter[axis]! < shape[axis]!) break;
      source -= steps[axis]! * shape[axis]!;
      counter[axis] = 0;
    }
  }
  return { ...tensor, shape, data } as T;
}
