/** A box of a value with a step per axis: crops, strided picks, and what split is made of. */
import { elementCount, type FloatTensor, type Shape, stridesOf, type Tensor } from '../base/tensor.ts';
import type { Node } from '../graph/graph.ts';
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { physicalPermutation, physicalShape } from '../graph/physical-layout.ts';
import { graphShape, inputShape, integersOf, invalid } from './common/attributes.ts';
import { numbersOf } from './common/float-data.ts';
import { fourSizes, fourWords } from './common/layout.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const sliceKernel: KernelSpec = {
  name: 'slice',
  opcode: 12,
  parameters: [
    i32('inputSize0', 'Input size 0.'),
    i32('inputSize1', 'Input size 1.'),
    i32('inputSize2', 'Input size 2.'),
    i32('inputSize3', 'Input size 3.'),
    i32('begin0', 'Begin 0.'),
    i32('begin1', 'Begin 1.'),
    i32('begin2', 'Begin 2.'),
    i32('begin3', 'Begin 3.'),
    i32('step0', 'Step 0.'),
    i32('step1', 'Step 1.'),
    i32('step2', 'Step 2.'),
    i32('step3', 'Step 3.'),
    i32('outputSize0', 'Output size 0.'),
    i32('outputSize1', 'Output size 1.'),
    i32('outputSize2', 'Output size 2.'),
    i32('outputSize3', 'Output size 3.'),
  ],
};

/** Per axis of a shape, in graph order: elements begin, begin + step, ... below end. */
export interface Box {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly step: readonly number[];
}

export const op: OpDefinition = {
  name: 'slice',
  kernel: sliceKernel,
  scaleTie: 'shared',
  inferShapes: (node, inputs, constants) => [boxShape(boxOf(node, inputShape(node, 0, inputs, constants)))],
  runFloat: (node, inputs) => {
    const { shape } = inputs[0]!;
    return [sliceFloat(inputs[0], boxOf(node, shape))];
  },
  macs: () => 0,
  lower: (node, context) => {
    lowerSlice(node, context, node.outputs[0], boxOf(node, graphShape(context.graph, node.inputs[0])));
  },
  runInteger,
};

/** The node's box over an input; the batch axis is always whole. */
function boxOf(node: Node, shape: Shape): Box {
  const [begin, end] = [integersOf(node, 'begin', 0, shape.length), integersOf(node, 'end', 1, shape.length)];
  const step = integersOf(node, 'step', 1, shape.length);
  shape.forEach((size, axis) => {
    if (axis > 0 && (begin[axis] >= end[axis] || end[axis] > size)) {
      throw invalid(node, {
        message: `the slice leaves axis ${axis} empty or goes past its end`,
        seen: `${begin[axis]} to ${end[axis]}`,
        allowed: `0 to ${size}`,
      });
    }
  });
  return { begin: [0, ...begin.slice(1)], end: [shape[0], ...end.slice(1)], step: [1, ...step.slice(1)] };
}

export function boxShape({ begin, end, step }: Box): Shape {
  return begin.map((first, axis) => Math.ceil((end[axis] - first) / step[axis]));
}

export function sliceFloat(input: Tensor | undefined, box: Box): FloatTensor {
  const shape = boxShape(box);
  const data = new Float32Array(elementCount(shape));
  copyBox(data, numbersOf(input), input!.shape, box.begin, box.step, shape);
  return { dtype: 'float32', shape, data };
}

function copyBox(
  target: { [index: number]: number },
  source: ArrayLike<number>,
  sourceShape: Shape,
  begin: readonly number[],
  step: readonly number[],
  shape: Shape,
): void {
  const [strides, targetStrides] = [stridesOf(sourceShape), stridesOf(shape)];
  for (let index = 0; index < elementCount(shape); index++) {
    let at = 0;
    shape.forEach((size, axis) => {
      at += (begin[axis] + (Math.floor(index / targetStrides[axis]) % size) * step[axis]) * strides[axis];
    });
    target[index] = source[at];
  }
}

/** Emits the kernel that cuts `box` (graph axes) of the node's input 0 into a value. */
export function lowerSlice(node: Node, context: LowerContext, output: string, box: Box): void {
  const shape = graphShape(context.graph, node.inputs[0]);
  const order = physicalPermutation(shape.length);
  const physical = (sizes: readonly number[], fill: number): number[] =>
    fourSizes(
      node,
      order.map((axis) => sizes[axis]),
      fill,
    );
  context.emit({
    kernel: 'slice',
    name: node.name,
    rule: context.rule.id,
    inputs: [context.tensor(node.inputs[0]).index],
    output: context.tensor(output).index,
    parameters: {
      ...fourWords('inputSize', fourSizes(node, physicalShape(shape))),
      ...fourWords('begin', physical(box.begin, 0)),
      ...fourWords('step', physical(box.step, 1)),
      ...fourWords('outputSize', physical(boxShape(box), 1)),
    },
    macs: 0,
  });
}

function runInteger(call: IntegerCall): void {
  const { parameters: p } = call;
  copyBox(
    call.output,
    call.inputs[0],
    [p.inputSize0, p.inputSize1, p.inputSize2, p.inputSize3],
    [p.begin0, p.begin1, p.begin2, p.begin3],
    [p.step0, p.step1, p.step2, p.step3],
    [p.outputSize0, p.outputSize1, p.outputSize2, p.outputSize3],
  );
}
