/** Another shape over the same elements in graph order. A view where the channels-last storage agrees, else physical transposes around it. */
import { elementCount, type Shape } from '../base/tensor.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { graphPermutation, physicalPermutation, physicalShape } from '../graph/physical-layout.ts';
import { graphShape, inputShape, integersOf, invalid } from './common/attributes.ts';
import { mapFloat, numbersOf } from './common/float-data.ts';
import { emitTranspose, isPlain } from './common/layout.ts';
import type { LowerContext, OpDefinition } from './op-definition.ts';

export const op: OpDefinition = {
  name: 'reshape',
  scaleTie: 'shared',
  inferShapes: (node, inputs, constants) => {
    const input = inputShape(node, 0, inputs, constants);
    const shape = integersOf(node, 'shape', 1);
    if (elementCount(shape) !== elementCount(input)) {
      throw invalid(node, {
        message: 'the new shape has another number of elements',
        seen: `[${shape.join(',')}]`,
        allowed: `${elementCount(input)} elements of [${input.join(',')}]`,
      });
    }
    return [shape];
  },
  runFloat: (node, inputs) => {
    const input = numbersOf(inputs[0]);
    const shape = integersOf(node, 'shape', 1);
    const batch = input.length / elementCount(shape.slice(1));
    return [mapFloat([batch, ...shape.slice(1)], (index) => input[index])];
  },
  macs: () => 0,
  viewOf,
  lower,
};

function viewOf(node: Node, graph: Graph): boolean {
  const [from, to] = [graphShape(graph, node.inputs[0]), graphShape(graph, node.outputs[0])];
  if (isPlain(from) && isPlain(to)) return true;
  // Channels stay channels and only the spatial axes regroup.
  return from.length >= 3 && to.length >= 3 && from[0] === to[0] && from[1] === to[1];
}

function lower(node: Node, context: LowerContext): void {
  if (viewOf(node, context.graph)) return;
  const from = graphShape(context.graph, node.inputs[0]);
  const to = graphShape(context.graph, node.outputs[0]);
  const input = context.tensor(node.inputs[0]);
  const output = context.tensor(node.outputs[0]);
  const leave = (index: number): void =>
    emitTranspose(node, context, input.index, index, physicalShape(from), graphPermutation(from.length));
  const enter = (index: number): void =>
    emitTranspose(node, context, index, output.index, to, physicalPermutation(to.length));
  if (isPlain(to)) leave(output.index);
  else if (isPlain(from)) enter(input.index);
  else {
    const plain = context.addTensor({ ...input.tensor, name: `${node.name}.plain`, shape: flat(from) });
    leave(plain);
    enter(plain);
  }
}

function flat(shape: Shape): Shape {
  return [1, elementCount(shape)];
}
