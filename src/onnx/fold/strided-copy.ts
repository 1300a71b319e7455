/** The one loop behind constant Transpose, Slice, Expand, Gather and Tile: reads a tensor along given steps. */
import { elementCount, type Shape, type Tensor, type TensorData } from '../../base/tensor.ts';

/** A zeroed array of the same kind. */
export function emptyLike(data: TensorData, count: number): TensorData {
  const kind = data.constructor as new (length: number) => TensorData;
  return new kind(count);
}

/** Output element (i0, i1, ...) is input element `start + sum(i * step)`; steps may be 0 or negative. */
export function stridedCopy(tensor: Tensor, shape: Shape, start: number, steps: readonly number[]): Tensor {
  const count = elementCount(shape);
  const data = emptyLike(tensor.data, count);
  const counter = new Array<number>(shape.length).fill(0);
  let source = start;
  for (let target = 0; target < count; target++) {
    data[target] = tensor.data[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += steps[axis]!;
      counter[axis]!++;
      if (counter[axis]! < shape[axis]!) break;
      source -= steps[axis]! * shape[axis]!;
      counter[axis] = 0;
    }
  }
  return { ...tensor, shape, data };
}

/** Steps that read a tensor broadcast (numpy rules) to a shape of the same or a higher rank. */
export function broadcastSteps(shape: Shape, strides: readonly number[], target: Shape): number[] {
  const missing = target.length - shape.length;
  return target.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : strides[axis - missing]!));
}

/** The numpy broadcast of two shapes, or undefined where they do not fit. */
export function broadcastShapes(a: Shape, b: Shape): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const sizes = Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    return left === 1 ? right : -1;
  });
  return sizes.includes(-1) ? undefined : sizes;
}
