/** Index of the largest code along one axis, the first of equals. The output holds int32 indices (ONNX int64). */
import { elementCount, type FloatTensor, type Shape, type Tensor } from '../base/tensor.ts';
import type { Node } from '../graph/graph.ts';
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { axisOf, graphShape, inputShape, unsupported } from './common/attributes.ts';
import { numbersOf } from './common/float-data.ts';
import { isInnermost, plainInput, plainOutput } from './common/layout.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const argMaxKernel: KernelSpec = {
  name: 'arg-max',
  opcode: 18,
  parameters: [i32('rows', 'Rows, each on its own.'), i32('depth', 'Elements of a row.')],
};

export const op: OpDefinition = {
  name: 'arg-max',
  kernel: argMaxKernel,
  scaleTie: 'free',
  inferShapes: (node, inputs, constants) => {
    const shape = inputShape(node, 0, inputs, constants);
    return [reducedShape(node, shape, axisOf(node, shape.length, 1))];
  },
  runFloat,
  macs: () => 0,
  lower,
  runInteger,
};

function reducedShape(node: Node, shape: Shape, axis: number): Shape {
  if (node.attributes.keepDims === true) return shape.map((size, at) => (at === axis ? 1 : size));
  return shape.filter((_, at) => at !== axis);
}

/** The indices as float32 numbers. */
function runFloat(node: Node, inputs: readonly (Tensor | undefined)[]): FloatTensor[] {
  const input = numbersOf(inputs[0]);
  const { shape } = inputs[0]!;
  const axis = axisOf(node, shape.length, 1);
  const step = elementCount(shape.slice(axis + 1));
  const reduced = reducedShape(node, shape, axis);
  const data = Float32Array.from({ length: elementCount(reduced) }, (_, row) => {
    const first = Math.floor(row / step) * step * shape[axis] + (row % step);
    return largestAt(shape[axis], (index) => input[first + index * step]);
  });
  return [{ dtype: 'float32', shape: reduced, data }];
}

function largestAt(count: number, value: (index: number) => number): number {
  let best = 0;
  for (let index = 1; index < count; index++) if (value(index) > value(best)) best = index;
  return best;
}

function lower(node: Node, context: LowerContext): void {
  const shape = graphShape(context.graph, node.inputs[0]);
  const axis = axisOf(node, shape.length, 1);
  const keeps = node.attributes.keepDims === true;
  const emit = (input: number, output: number): void =>
    context.emit({
      kernel: 'arg-max',
      name: node.name,
      rule: context.rule.id,
      inputs: [input],
      output,
      parameters: { rows: elementCount(shape) / shape[axis], depth: shape[axis] },
      macs: 0,
    });
  // Rows come out in the order of the remaining physical axes: H, W of channels-last, which without the axis is graph order.
  const inner = isInnermost(shape, axis);
  if (!inner && axis !== shape.length - 1) {
    throw unsupported(node, {
      message: 'arg-max runs along the channels or the last axis',
      seen: `axis ${axis} of [${shape.join(',')}]`,
    });
  }
  const input = inner ? context.tensor(node.inputs[0]).index : plainInput(node, context, node.inputs[0]);
  if (inner && keeps) {
    emit(input, context.tensor(node.outputs[0]).index);
    return;
  }
  const output = plainOutput(node, context, node.outputs[0]);
  emit(input, output.index);
  output.finish();
}

function runInteger(call: IntegerCall): void {
  const { rows, depth } = call.parameters;
  const [input] = call.inputs;
  for (let row = 0; row < rows; row++) {
    call.output[row] = largestAt(depth, (index) => input[row * depth + index]);
  }
}
