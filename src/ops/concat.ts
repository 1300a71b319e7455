/** Joins values along one axis other than the batch. All share one scale. */
import { elementCount, type FloatTensor, type Shape, type Tensor } from '../base/tensor.ts';
import type { Node, Value } from '../graph/graph.ts';
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { physicalAxis, physicalShape } from '../graph/physical-layout.ts';
import { axisOf, graphShape, inputShape, invalid } from './common/attributes.ts';
import { numbersOf } from './common/float-data.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

const inputsMax = 7;

export const concatKernel: KernelSpec = {
  name: 'concat',
  opcode: 11,
  parameters: [
    i32('outer', 'Product of the axes before the joined one.'),
    i32('inner0', 'Elements of input 0 in one outer step; 0 where there is no such input.'),
    i32('inner1', 'Elements of input 1 in one outer step; 0 where there is no such input.'),
    i32('inner2', 'Elements of input 2 in one outer step; 0 where there is no such input.'),
    i32('inner3', 'Elements of input 3 in one outer step; 0 where there is no such input.'),
    i32('inner4', 'Elements of input 4 in one outer step; 0 where there is no such input.'),
    i32('inner5', 'Elements of input 5 in one outer step; 0 where there is no such input.'),
    i32('inner6', 'Elements of input 6 in one outer step; 0 where there is no such input.'),
  ],
};

export const op: OpDefinition = {
  name: 'concat',
  kernel: concatKernel,
  scaleTie: 'shared',
  inferShapes,
  runFloat,
  macs: () => 0,
  lower,
  runInteger,
};

function inferShapes(node: Node, inputs: readonly Value[], constants: ReadonlyMap<string, Tensor>): Shape[] {
  const shapes = node.inputs.map((_, index) => inputShape(node, index, inputs, constants));
  const [first] = shapes;
  const axis = axisOf(node, first.length, 1);
  if (shapes.length > inputsMax) {
    throw invalid(node, {
      message: 'too many inputs',
      seen: shapes.length,
      allowed: inputsMax,
      next: 'Split it in two.',
    });
  }
  for (const shape of shapes) {
    const fits = shape.length === first.length && shape.every((size, at) => at === axis || size === first[at]);
    if (!fits) {
      throw invalid(node, {
        message: 'the inputs do not join',
        seen: `[${shape.join(',')}]`,
        allowed: `[${first.join(',')}] but for axis ${axis}`,
      });
    }
  }
  return [first.map((size, at) => (at === axis ? shapes.reduce((sum, shape) => sum + shape[axis], 0) : size))];
}

function runFloat(node: Node, inputs: readonly (Tensor | undefined)[]): FloatTensor[] {
  const shapes = inputs.map((input) => input!.shape);
  const axis = axisOf(node, shapes[0].length, 1);
  const joined = shapes[0].map((size, at) =>
    at === axis ? shapes.reduce((sum, shape) => sum + shape[axis], 0) : size,
  );
  const data = new Float32Array(elementCount(joined));
  const inners = shapes.map((shape) => elementCount(shape.slice(axis)));
  joinInto(data, inputs.map(numbersOf), inners, elementCount(joined.slice(0, axis)));
  return [{ dtype: 'float32', shape: joined, data }];
}

/** Interleaves `inners[i]` elements of each source, `outer` times. */
function joinInto(
  target: { [index: number]: number },
  sources: readonly ArrayLike<number>[],
  inners: readonly number[],
  outer: number,
): void {
  let at = 0;
  for (let step = 0; step < outer; step++) {
    sources.forEach((source, input) => {
      for (let index = 0; index < inners[input]; index++) target[at++] = source[step * inners[input] + index];
    });
  }
}

function lower(node: Node, context: LowerContext): void {
  const output = context.tensor(node.outputs[0]);
  const rank = graphShape(context.graph, node.outputs[0]).length;
  const axis = physicalAxis(axisOf(node, rank, 1), rank);
  const inners = node.inputs.map((name) => elementCount(physicalShape(graphShape(context.graph, name)).slice(axis)));
  context.emit({
    kernel: 'concat',
    name: node.name,
    rule: context.rule.id,
    inputs: node.inputs.map((name) => context.tensor(name).index),
    output: output.index,
    parameters: {
      outer: elementCount(output.tensor.shape.slice(0, axis)),
      ...Object.fromEntries(Array.from({ length: inputsMax }, (_, index) => [`inner${index}`, inners[index] ?? 0])),
    },
    macs: 0,
  });
}

function runInteger(call: IntegerCall): void {
  const inners = call.inputs.map((_, index) => call.parameters[`inner${index}`]);
  joinInto(call.output, call.inputs, inners, call.parameters.outer);
}
