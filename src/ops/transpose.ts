/** Permutes axes. In the program it is a physical permutation, and nothing at all where only axes of size 1 move. */
import { type FloatTensor, type Shape, type Tensor, transposeTensor } from '../base/tensor.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { physicalPermutation, physicalShape } from '../graph/physical-layout.ts';
import { graphShape, inputShape, integersOf, invalid } from './common/attributes.ts';
import { mapFloat, numbersOf } from './common/float-data.ts';
import { emitTranspose, keepsOrder } from './common/layout.ts';
import type { IntegerCall, OpDefinition } from './op-definition.ts';

export const transposeKernel: KernelSpec = {
  name: 'transpose',
  opcode: 14,
  parameters: [
    i32('inputSize0', 'Input size 0.'),
    i32('inputSize1', 'Input size 1.'),
    i32('inputSize2', 'Input size 2.'),
    i32('inputSize3', 'Input size 3.'),
    i32('axis0', 'Input axis that becomes output axis 0.'),
    i32('axis1', 'Input axis that becomes output axis 1.'),
    i32('axis2', 'Input axis that becomes output axis 2.'),
    i32('axis3', 'Input axis that becomes output axis 3.'),
  ],
};

export const op: OpDefinition = {
  name: 'transpose',
  kernel: transposeKernel,
  scaleTie: 'shared',
  inferShapes: (node, inputs, constants) => {
    const shape = inputShape(node, 0, inputs, constants);
    return [permutationOf(node, shape).map((axis) => shape[axis])];
  },
  runFloat: (node, inputs) => {
    const input = numbersOf(inputs[0]);
    const { shape } = inputs[0]!;
    const float = mapFloat(shape, (index) => input[index]);
    return [transposeTensor<Tensor>(float, permutationOf(node, shape)) as FloatTensor];
  },
  macs: () => 0,
  viewOf: (node, graph) => {
    const { shape, permutation } = physicalMove(node, graph);
    return keepsOrder(shape, permutation);
  },
  lower: (node, context) => {
    const { shape, permutation } = physicalMove(node, context.graph);
    if (keepsOrder(shape, permutation)) return;
    const [input, output] = [context.tensor(node.inputs[0]).index, context.tensor(node.outputs[0]).index];
    emitTranspose(node, context, input, output, shape, permutation);
  },
  runInteger,
};

function permutationOf(node: Node, shape: Shape): readonly number[] {
  const permutation = integersOf(node, 'permutation', 0, shape.length);
  if (
    permutation[0] !== 0 ||
    new Set(permutation).size !== shape.length ||
    permutation.some((axis) => axis >= shape.length)
  ) {
    throw invalid(node, {
      message: 'the permutation does not keep the batch axis first, or names an axis twice',
      seen: `[${permutation.join(',')}]`,
      allowed: `0, then each of 1 to ${shape.length - 1} once`,
    });
  }
  return permutation;
}

/** The node's permutation as one of physical axes: output axis i is input axis `permutation[i]`. */
function physicalMove(node: Node, graph: Graph): { shape: Shape; permutation: number[] } {
  const shape = graphShape(graph, node.inputs[0]);
  const permutation = permutationOf(node, shape);
  const order = physicalPermutation(shape.length);
  return { shape: physicalShape(shape), permutation: order.map((axis) => order.indexOf(permutation[axis])) };
}

function runInteger(call: IntegerCall): void {
  const { parameters: p } = call;
  const sizes = [p.inputSize0, p.inputSize1, p.inputSize2, p.inputSize3];
  const axes = [p.axis0, p.axis1, p.axis2, p.axis3];
  const data = Int32Array.from(call.inputs[0]);
  call.output.set(transposeTensor({ dtype: 'int32', shape: sizes, data }, axes).data);
}
