/** Small pieces of ONNX that several gradient rules share: reshapes, spatial rank, and undoing a broadcast. */
import { elementCount, type Shape } from '../base/tensor.ts';
import type { NodeEmitter } from './node-emitter.ts';

export function reshape(builder: NodeEmitter, value: string, shape: Shape): string {
  return builder.node('Reshape', [value, builder.int64(...shape)]);
}

/** NCL as NCHW with height 1, the form in which the graph states 1-D convolution and pooling; NCHW stays. */
export function spatialShape(shape: Shape): readonly [number, number, number, number] {
  const [batch = 1, channels = 1, ...space] = shape;
  return [batch, channels, space.length === 2 ? space[0]! : 1, space[space.length - 1] ?? 1];
}

export function toSpatial(builder: NodeEmitter, value: string, shape: Shape): string {
  return shape.length === 4 ? value : reshape(builder, value, spatialShape(shape));
}

export function fromSpatial(builder: NodeEmitter, value: string, shape: Shape): string {
  return shape.length === 4 ? value : reshape(builder, value, shape);
}

/** Sums a gradient of shape `from` over the axes along which `to` was broadcast (numpy rules). */
export function sumToShape(builder: NodeEmitter, gradient: string, from: Shape, to: Shape): string {
  const lead = from.length - to.length;
  const axes = from.map((_, axis) => axis).filter((axis) => from[axis] !== (axis < lead ? 1 : to[axis - lead]));
  if (axes.length === 0 && lead === 0) return gradient;
  const summed =
    axes.length === 0 ? gradient : builder.node('ReduceSum', [gradient, builder.int64(...axes)], { keepdims: 1 });
  return lead === 0 ? summed : reshape(builder, summed, to);
}

/** Stretches `value` of shape `from` over `to` (numpy rules), divided by the number of copies of each element. */
export function spreadMean(builder: NodeEmitter, value: string, from: Shape, to: Shape): string {
  const scaled = builder.node('Mul', [value, builder.scalar(elementCount(from) / elementCount(to))]);
  return builder.node('Expand', [scaled, builder.int64(...to)]);
}
