/** Moves between graph layout and the program's channels-last layout, and the physical transposes that some ops need around them. */
import { elementCount, type Shape } from '../../base/tensor.ts';
import type { Node } from '../../graph/graph.ts';
import { graphPermutation, physicalPermutation, physicalShape } from '../../graph/physical-layout.ts';
import type { LowerContext } from '../op-definition.ts';
import { graphShape, unsupported } from './attributes.ts';

/** Whether a value has the same element order in graph and program layout. */
export function isPlain(shape: Shape): boolean {
  return shape.length < 3 || shape[1] === 1 || elementCount(shape.slice(2)) === 1;
}

/** Whether permuting axes leaves the order of elements as it is: only axes of size 1 move. */
export function keepsOrder(shape: Shape, permutation: readonly number[]): boolean {
  const moved = permutation.filter((axis) => shape[axis] !== 1);
  return moved.every((axis, index) => index === 0 || moved[index - 1] < axis);
}

/** Whether a graph axis is the innermost one in the program's layout, axes of size 1 aside. */
export function isInnermost(shape: Shape, axis: number): boolean {
  const order = physicalPermutation(shape.length);
  return order.slice(order.indexOf(axis) + 1).every((inner) => shape[inner] === 1);
}

/** Sizes as the four words of a rank-4 kernel, ones in front. */
export function fourSizes(node: Node, sizes: readonly number[], fill = 1): [number, number, number, number] {
  if (sizes.length > 4) {
    throw unsupported(node, { message: 'the tensor has too many axes', seen: sizes.length, allowed: 4 });
  }
  return [...new Array<number>(4 - sizes.length).fill(fill), ...sizes] as [number, number, number, number];
}

/** `name0`..`name3` words. */
export function fourWords(name: string, words: readonly number[]): Record<string, number> {
  return Object.fromEntries(words.map((word, index) => [`${name}${index}`, word]));
}

/** Emits the transpose kernel from one tensor index to another; `shape` and `permutation` are physical. */
export function emitTranspose(
  node: Node,
  context: LowerContext,
  input: number,
  output: number,
  shape: Shape,
  permutation: readonly number[],
): void {
  const offset = 4 - shape.length;
  const axes = [...Array.from({ length: offset }, (_, axis) => axis), ...permutation.map((axis) => axis + offset)];
  context.emit({
    kernel: 'transpose',
    name: node.name,
    rule: context.rule.id,
    inputs: [input],
    output,
    parameters: { ...fourWords('inputSize', fourSizes(node, shape)), ...fourWords('axis', axes) },
    macs: 0,
  });
}

/** Index of a tensor that holds `value` in graph layout: the value itself where that is the same, else an internal copy. */
export function plainInput(node: Node, context: LowerContext, value: string): number {
  const shape = graphShape(context.graph, value);
  const { index, tensor } = context.tensor(value);
  if (isPlain(shape)) return index;
  const plain = context.addTensor({ ...tensor, name: `${node.name}.plain-input`, shape });
  emitTranspose(node, context, index, plain, physicalShape(shape), graphPermutation(shape.length));
  return plain;
}

/** As `plainInput` for an output: write to `index`, then call `finish`. */
export function plainOutput(node: Node, context: LowerContext, value: string): { index: number; finish: () => void } {
  const shape = graphShape(context.graph, value);
  const { index, tensor } = context.tensor(value);
  if (isPlain(shape)) return { index, finish: () => undefined };
  const plain = context.addTensor({ ...tensor, name: `${node.name}.plain-output`, shape });
  return {
    index: plain,
    finish: () => emitTranspose(node, context, plain, index, shape, physicalPermutation(shape.length)),
  };
}
