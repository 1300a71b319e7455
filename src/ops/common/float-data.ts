/** Float views of tensors for the float references: any dtype in, float32 out, arithmetic in float64 between. */
import { assert } from '../../base/errors.ts';
import { elementCount, type FloatTensor, type Shape, type Tensor } from '../../base/tensor.ts';
import type { FusedClamp } from '../../graph/graph.ts';

/** The values of a tensor as numbers; shares the storage of float tensors. */
export function numbersOf(tensor: Tensor | undefined): ArrayLike<number> {
  assert(tensor !== undefined, 'A float reference was called without one of its inputs.');
  return tensor.data instanceof BigInt64Array ? Float64Array.from(tensor.data, Number) : tensor.data;
}

/** A float32 tensor with element i = value(i), clamped. */
export function mapFloat(shape: Shape, value: (index: number) => number, clamp?: FusedClamp): FloatTensor {
  const data = new Float32Array(elementCount(shape));
  for (let index = 0; index < data.length; index++) data[index] = clampReal(value(index), clamp);
  return { dtype: 'float32', shape, data };
}

export function clampReal(value: number, clamp: FusedClamp | undefined): number {
  return clamp === undefined ? value : Math.min(Math.max(value, clamp.min), clamp.max);
}
