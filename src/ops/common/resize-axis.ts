/** Where each output position of a resize falls on the input axis: ONNX Resize, coordinate_transformation_mode and nearest_mode. */
import type { Node } from '../../graph/graph.ts';
import { integersOf, invalid, textOf } from './attributes.ts';

/** value = (1 - weight) * input[first] + weight * input[second]; nearest has weight 0. */
export interface AxisSample {
  readonly first: number;
  readonly second: number;
  readonly weight: number;
}

/** Samples of one spatial axis (0 height, 1 width) of `inputSize` elements. */
export function sampleAxis(node: Node, axis: 0 | 1, inputSize: number): AxisSample[] {
  const outputSize = integersOf(node, 'size', 1, 2)[axis];
  const scale = scaleOf(node, axis);
  const nearest = textOf(node, 'mode', ['nearest', 'bilinear']) === 'nearest';
  return Array.from({ length: outputSize }, (_, position) => {
    const place = placeOf(node, position, scale, inputSize, outputSize);
    if (nearest) {
      const first = clampIndex(roundNearest(node, place), inputSize);
      return { first, second: first, weight: 0 };
    }
    const inside = Math.min(Math.max(place, 0), inputSize - 1);
    const first = Math.floor(inside);
    return { first, second: clampIndex(first + 1, inputSize), weight: inside - first };
  });
}

function clampIndex(index: number, size: number): number {
  return Math.min(Math.max(index, 0), size - 1);
}

function scaleOf(node: Node, axis: 0 | 1): number {
  const scales = node.attributes.scales;
  const scale = Array.isArray(scales) ? scales[axis] : undefined;
  if (typeof scale === 'number' && scale > 0 && scale < 65536) return scale;
  throw invalid(node, { message: "the attribute 'scales' is wrong", seen: JSON.stringify(scales) ?? 'nothing' });
}

function placeOf(node: Node, position: number, scale: number, inputSize: number, outputSize: number): number {
  switch (textOf(node, 'coordinates', ['half-pixel', 'pytorch-half-pixel', 'asymmetric', 'align-corners'])) {
    case 'half-pixel':
      return (position + 0.5) / scale - 0.5;
    case 'pytorch-half-pixel':
      return outputSize > 1 ? (position + 0.5) / scale - 0.5 : 0;
    case 'asymmetric':
      return position / scale;
    case 'align-corners':
      return outputSize > 1 ? (position * (inputSize - 1)) / (outputSize - 1) : 0;
  }
}

function roundNearest(node: Node, place: number): number {
  switch (textOf(node, 'rounding', ['round-prefer-floor', 'round-prefer-ceil', 'floor', 'ceil'])) {
    case 'round-prefer-floor':
      return Math.ceil(place - 0.5);
    case 'round-prefer-ceil':
      return Math.floor(place + 0.5);
    case 'floor':
      return Math.floor(place);
    case 'ceil':
      return Math.ceil(place);
  }
}
