/** A border of one real value around a value; on integers, that value's code. */
import { quantizeValue } from '../arithmetic/effective-scale.ts';
import { elementCount, type FloatTensor, type Shape, stridesOf, type Tensor } from '../base/tensor.ts';
import type { Node } from '../graph/graph.ts';
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { physicalPermutation } from '../graph/physical-layout.ts';
import { graphShape, inputShape, integersOf, invalid, numberOf } from './common/attributes.ts';
import { numbersOf } from './common/float-data.ts';
import { fourSizes, fourWords } from './common/layout.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const padKernel: KernelSpec = {
  name: 'pad',
  opcode: 13,
  parameters: [
    i32('inputSize0', 'Input size 0.'),
    i32('inputSize1', 'Input size 1.'),
    i32('inputSize2', 'Input size 2.'),
    i32('inputSize3', 'Input size 3.'),
    i32('before0', 'Before 0.'),
    i32('before1', 'Before 1.'),
    i32('before2', 'Before 2.'),
    i32('before3', 'Before 3.'),
    i32('outputSize0', 'Output size 0.'),
    i32('outputSize1', 'Output size 1.'),
    i32('outputSize2', 'Output size 2.'),
    i32('outputSize3', 'Output size 3.'),
    i32('value', 'Code that fills the border.'),
  ],
};

export const op: OpDefinition = {
  name: 'pad',
  kernel: padKernel,
  scaleTie: 'shared',
  inferShapes: (node, inputs, constants) => {
    const shape = inputShape(node, 0, inputs, constants);
    return [paddedShape(node, shape)];
  },
  runFloat,
  macs: () => 0,
  lower,
  runInteger,
};

function borderOf(node: Node, rank: number): { before: readonly number[]; after: readonly number[] } {
  const [before, after] = [integersOf(node, 'before', 0, rank), integersOf(node, 'after', 0, rank)];
  if (before[0] !== 0 || after[0] !== 0) throw invalid(node, { message: 'the batch axis cannot be padded' });
  return { before, after };
}

function paddedShape(node: Node, shape: Shape): Shape {
  const { before, after } = borderOf(node, shape.length);
  return shape.map((size, axis) => before[axis] + size + after[axis]);
}

function runFloat(node: Node, inputs: readonly (Tensor | undefined)[]): FloatTensor[] {
  const { shape } = inputs[0]!;
  const padded = paddedShape(node, shape);
  const data = new Float32Array(elementCount(padded)).fill(numberOf(node, 'value'));
  placeInside(data, padded, numbersOf(inputs[0]), shape, borderOf(node, shape.length).before);
  return [{ dtype: 'float32', shape: padded, data }];
}

function placeInside(
  target: { [index: number]: number },
  targetShape: Shape,
  source: ArrayLike<number>,
  shape: Shape,
  before: readonly number[],
): void {
  const [strides, targetStrides] = [stridesOf(shape), stridesOf(targetShape)];
  for (let index = 0; index < elementCount(shape); index++) {
    let at = 0;
    shape.forEach((size, axis) => {
      at += (before[axis] + (Math.floor(index / strides[axis]) % size)) * targetStrides[axis];
    });
    target[at] = source[index];
  }
}

interface PaddedAxis {
  readonly size: number;
  readonly before: number;
  readonly after: number;
}

/** Fewer axes with the same elements in the same order: one without padding goes into the one before it. */
function mergeAxes(axes: readonly PaddedAxis[]): PaddedAxis[] {
  const merged: PaddedAxis[] = [];
  for (const axis of axes) {
    const last = merged.at(-1);
    if (last === undefined || axis.before > 0 || axis.after > 0) merged.push(axis);
    else
      merged[merged.length - 1] = {
        size: last.size * axis.size,
        before: last.before * axis.size,
        after: last.after * axis.size,
      };
  }
  return merged;
}

function lower(node: Node, context: LowerContext): void {
  const shape = graphShape(context.graph, node.inputs[0]);
  const { before, after } = borderOf(node, shape.length);
  const output = context.tensor(node.outputs[0]);
  const physical = physicalPermutation(shape.length).map(
    (axis): PaddedAxis => ({ size: shape[axis], before: before[axis], after: after[axis] }),
  );
  const axes = shape.length > 4 ? mergeAxes(physical) : physical;
  context.emit({
    kernel: 'pad',
    name: node.name,
    rule: context.rule.id,
    inputs: [context.tensor(node.inputs[0]).index],
    output: output.index,
    parameters: {
      ...fourWords(
        'inputSize',
        fourSizes(
          node,
          axes.map(({ size }) => size),
        ),
      ),
      ...fourWords(
        'before',
        fourSizes(
          node,
          axes.map((axis) => axis.before),
          0,
        ),
      ),
      ...fourWords(
        'outputSize',
        fourSizes(
          node,
          axes.map((axis) => axis.before + axis.size + axis.after),
        ),
      ),
      value: quantizeValue(context.profile.quantizeInput, numberOf(node, 'value'), context.activation(node.outputs[0])),
    },
    macs: 0,
  });
}

function runInteger(call: IntegerCall): void {
  const { parameters: p } = call;
  call.output.fill(p.value);
  placeInside(
    call.output,
    [p.outputSize0, p.outputSize1, p.outputSize2, p.outputSize3],
    call.inputs[0],
    [p.inputSize0, p.inputSize1, p.inputSize2, p.inputSize3],
    [p.before0, p.before1, p.before2, p.before3],
  );
}
