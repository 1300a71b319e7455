/** Where graph layout (NCHW) becomes program layout (channels-last). */
import type { Shape } from '../base/tensor.ts';

/** NCHW becomes NHWC, NCL becomes NLC; other ranks stay. */
export function physicalShape(shape: Shape): Shape {
  if (shape.length < 3) return shape;
  return [shape[0]!, ...shape.slice(2), shape[1]!];
}

/** The permutation that ONNX Transpose would apply to get from graph layout to physical layout. */
export function physicalPermutation(rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return rank < 3 ? axes : [0, ...axes.slice(2), 1];
}

/** The inverse: from physical layout back to graph layout. */
export function graphPermutation(rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return rank < 3 ? axes : [0, rank - 1, ...axes.slice(1, rank - 1)];
}

/** Physical axis of a graph axis. */
export function physicalAxis(axis: number, rank: number): number {
  return physicalPermutation(rank).indexOf(axis);
}
