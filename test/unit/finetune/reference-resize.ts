/** Resizing as ONNX states it for the two forms that the gradient cases use: nearest (asymmetric, floor) and bilinear (half-pixel). */
import type { Attributes } from '../../../src/graph/graph.ts';

/** Value of output [n, c, row, column] from a reader of the input of `height` x `width`. */
export function resizedValue(
  [n, c, row, column]: readonly number[],
  attributes: Attributes,
  [height, width]: readonly [number, number],
  read: (index: number[]) => number,
): number {
  const [rows, columns] = attributes.size as [number, number];
  if (attributes.mode === 'nearest') {
    return read([n!, c!, Math.floor((row! * height) / rows), Math.floor((column! * width) / columns)]);
  }
  const inside = (value: number, size: number): number => Math.min(size - 1, Math.max(0, value));
  const y = inside(((row! + 0.5) * height) / rows - 0.5, height);
  const x = inside(((column! + 0.5) * width) / columns - 0.5, width);
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const at = (down: number, right: number): number => read([n!, c!, inside(down, height), inside(right, width)]);
  const across = (down: number): number => at(down, left) * (1 - (x - left)) + at(down, left + 1) * (x - left);
  return across(top) * (1 - (y - top)) + across(top + 1) * (y - top);
}
