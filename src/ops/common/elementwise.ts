/** What add, sub and mul share: numpy broadcasting in the graph, and its channels-last form in the kernels (input 2 indexed modulo its length). */
import {
  elementCount,
  type FloatTensor,
  type Shape,
  stridesOf,
  type Tensor,
  transposeTensor,
} from '../../base/tensor.ts';
import type { Node, Value } from '../../graph/graph.ts';
import { physicalPermutation, physicalShape } from '../../graph/physical-layout.ts';
import type { LowerContext } from '../op-definition.ts';
import { clampOf, graphShape, inputShape, invalid, unsupported } from './attributes.ts';
import { mapFloat, numbersOf } from './float-data.ts';

export function inferBroadcastShape(
  node: Node,
  inputs: readonly Value[],
  constants: ReadonlyMap<string, Tensor>,
): Shape[] {
  const [a, b] = [inputShape(node, 0, inputs, constants), inputShape(node, 1, inputs, constants)];
  return [broadcastShape(node, a, b)];
}

function alignRank(shape: Shape, rank: number): Shape {
  return [...new Array<number>(rank - shape.length).fill(1), ...shape];
}

function broadcastShape(node: Node, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const [left, right] = [alignRank(a, rank), alignRank(b, rank)];
  return left.map((size, axis) => {
    if (size === right[axis] || right[axis] === 1) return size;
    if (size === 1) return right[axis];
    throw invalid(node, { message: 'the inputs do not broadcast', seen: `[${a.join(',')}] and [${b.join(',')}]` });
  });
}

export function runFloatElementwise(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  combine: (a: number, b: number) => number,
): FloatTensor[] {
  const [a, b] = [numbersOf(inputs[0]), numbersOf(inputs[1])];
  const shape = broadcastShape(node, inputs[0]!.shape, inputs[1]!.shape);
  const [fromA, fromB] = [sourceIndex(shape, inputs[0]!.shape), sourceIndex(shape, inputs[1]!.shape)];
  return [mapFloat(shape, (index) => combine(a[fromA(index)], b[fromB(index)]), clampOf(node))];
}

/** Index into a broadcast operand for an index into the result. */
function sourceIndex(shape: Shape, operand: Shape): (index: number) => number {
  const aligned = alignRank(operand, shape.length);
  if (aligned.every((size, axis) => size === shape[axis])) return (index) => index;
  const [outer, inner] = [stridesOf(shape), stridesOf(aligned)];
  return (index) =>
    shape.reduce((at, size, axis) => {
      const coordinate = Math.floor(index / outer[axis]) % size;
      return aligned[axis] === 1 ? at : at + coordinate * inner[axis];
    }, 0);
}

/** How many elements a shape has before it repeats over a physical output; undefined where it is no channels-last tail of it. */
function tailElements(shape: Shape, output: Shape): number | undefined {
  const physical = physicalShape(alignRank(shape, output.length));
  const firstKept = physical.findIndex((size) => size !== 1);
  const tail = firstKept < 0 ? [] : physical.slice(firstKept);
  const same = tail.every((size, index) => size === output[output.length - tail.length + index]);
  return same ? elementCount(tail) : undefined;
}

function broadcastRefused(node: Node, context: LowerContext) {
  return unsupported(node, {
    message: 'this broadcast is not supported',
    seen: node.inputs.map((name) => `[${graphShape(context.graph, name).join(',')}]`).join(' and '),
    allowed: 'equal shapes, one value per channel, or one value',
  });
}

/** The values of a constant operand in program order; they repeat over the node's output. */
export function constantTail(node: Node, context: LowerContext, name: string): number[] {
  const output = physicalShape(graphShape(context.graph, node.outputs[0]));
  const constant = context.constant(name);
  const shape = alignRank(constant.shape, output.length);
  if (tailElements(constant.shape, output) === undefined) throw broadcastRefused(node, context);
  return Array.from(numbersOf(transposeTensor({ ...constant, shape }, physicalPermutation(shape.length))));
}

export interface Operands {
  /** Value names; the first has every element of the output, the second repeats. */
  readonly first: string;
  readonly second: string;
  readonly elements: number;
  readonly input2Elements: number;
  readonly swapped: boolean;
}

/** The two activations of a node as the kernels want them. Throws MODEL_UNSUPPORTED for broadcasts that repeat anything but a channels-last tail. */
export function operandsOf(node: Node, context: LowerContext): Operands {
  const output = physicalShape(graphShape(context.graph, node.outputs[0]));
  const elements = elementCount(output);
  const [a, b] = node.inputs;
  const countA = tailElements(graphShape(context.graph, a), output);
  const countB = tailElements(graphShape(context.graph, b), output);
  if (countA === elements && countB !== undefined) {
    return { first: a, second: b, elements, input2Elements: countB, swapped: false };
  }
  if (countB === elements && countA !== undefined) {
    return { first: b, second: a, elements, input2Elements: countA, swapped: true };
  }
  throw broadcastRefused(node, context);
}
