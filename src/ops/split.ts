/** Cuts a value along one axis into several; each part is one `slice` kernel. */
import type { Shape } from '../base/tensor.ts';
import type { Node } from '../graph/graph.ts';
import { axisOf, graphShape, inputShape, integersOf, invalid } from './common/attributes.ts';
import type { OpDefinition } from './op-definition.ts';
import { type Box, boxShape, lowerSlice, sliceFloat } from './slice.ts';

export const op: OpDefinition = {
  name: 'split',
  scaleTie: 'shared',
  inferShapes: (node, inputs, constants) => boxesOf(node, inputShape(node, 0, inputs, constants)).map(boxShape),
  runFloat: (node, inputs) => boxesOf(node, inputs[0]!.shape).map((box) => sliceFloat(inputs[0], box)),
  macs: () => 0,
  lower: (node, context) => {
    const boxes = boxesOf(node, graphShape(context.graph, node.inputs[0]));
    boxes.forEach((box, index) => {
      // An output that nothing reads has no name.
      if (node.outputs[index] !== '') lowerSlice(node, context, node.outputs[index], box);
    });
  },
};

function boxesOf(node: Node, shape: Shape): Box[] {
  const axis = axisOf(node, shape.length, 1);
  const sizes = integersOf(node, 'sizes', 1, node.outputs.length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== shape[axis]) {
    throw invalid(node, { message: 'the parts do not add up', seen: total, allowed: shape[axis] });
  }
  let start = 0;
  return sizes.map((size) => {
    const begin = shape.map((_, at) => (at === axis ? start : 0));
    start += size;
    return { begin, end: shape.map((whole, at) => (at === axis ? start : whole)), step: shape.map(() => 1) };
  });
}
