/** Product of two activations over their last two axes: attention, and dense layers with computed weights. */
import { effectiveScale } from '../arithmetic/effective-scale.ts';
import { elementCount, type FloatTensor, type Shape, type Tensor } from '../base/tensor.ts';
import type { Node, Value } from '../graph/graph.ts';
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { clampOf, graphShape, inputShapeOfRank, invalid } from './common/attributes.ts';
import { mapFloat, numbersOf } from './common/float-data.ts';
import { plainInput, plainOutput } from './common/layout.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const matMulKernel: KernelSpec = {
  name: 'mat-mul',
  opcode: 20,
  parameters: [
    i32('batch', 'Products of one sample.'),
    i32('rows', 'Rows, each on its own.'),
    i32('depth', 'Elements of a row.'),
    i32('columns', 'Columns.'),
    i32('input1ZeroPoint', 'Zero point of input 1.'),
    i32('input2ZeroPoint', 'Zero point of input 2.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('multiplier', 'Meaning by rule.'),
    i32('shift', 'Positive is left.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};

export const op: OpDefinition = {
  name: 'mat-mul',
  kernel: matMulKernel,
  scaleTie: 'free',
  inferShapes,
  runFloat,
  macs: (node, graph) => {
    const { batch, rows, depth, columns } = sizesOf(
      graphShape(graph, node.inputs[0]),
      graphShape(graph, node.inputs[1]),
    );
    return batch * rows * depth * columns;
  },
  lower,
  runInteger,
  accumulatorBound: (call, input) => {
    const { depth, input1ZeroPoint, input2ZeroPoint } = call.parameters;
    const limit = input.dtype === 'int16' ? 32768 : 128;
    const first = Math.max(input.qMax - input1ZeroPoint, input1ZeroPoint - input.qMin);
    const reach = depth * first * (limit + Math.abs(input2ZeroPoint));
    return { minimum: -reach, maximum: reach, channel: 0 };
  },
};

function sizesOf(a: Shape, b: Shape): { batch: number; rows: number; depth: number; columns: number } {
  const [rows, depth] = a.slice(-2);
  return { batch: elementCount(a.slice(0, -2)), rows, depth, columns: b[b.length - 1] };
}

function inferShapes(node: Node, inputs: readonly Value[], constants: ReadonlyMap<string, Tensor>): Shape[] {
  const a = inputShapeOfRank(node, 0, inputs, constants, 3, 4);
  const b = inputShapeOfRank(node, 1, inputs, constants, 3, 4);
  const fits = a.length === b.length && a.slice(0, -2).every((size, axis) => size === b[axis]);
  if (!fits || a[a.length - 1] !== b[b.length - 2]) {
    throw invalid(node, {
      message: 'the two sides do not multiply',
      seen: `[${a.join(',')}] and [${b.join(',')}]`,
      allowed: 'equal leading axes, then M x K and K x P',
    });
  }
  return [[...a.slice(0, -1), b[b.length - 1]]];
}

function runFloat(node: Node, inputs: readonly (Tensor | undefined)[]): FloatTensor[] {
  const [a, b] = [numbersOf(inputs[0]), numbersOf(inputs[1])];
  const shape = inputs[0]!.shape;
  const { rows, depth, columns } = sizesOf(shape, inputs[1]!.shape);
  const value = (index: number): number => {
    const column = index % columns;
    const row = Math.floor(index / columns);
    const firstB = Math.floor(row / rows) * depth * columns + column;
    let sum = 0;
    for (let inner = 0; inner < depth; inner++) sum += a[row * depth + inner] * b[firstB + inner * columns];
    return sum;
  };
  return [mapFloat([...shape.slice(0, -1), columns], value, clampOf(node))];
}

/** The scale product of a fully connected layer, as TFLite's batch matmul takes it. */
function lower(node: Node, context: LowerContext): void {
  const [input1, input2] = [context.activation(node.inputs[0]), context.activation(node.inputs[1])];
  const output = context.activation(node.outputs[0]);
  const { rule } = context;
  const inputs = [plainInput(node, context, node.inputs[0]), plainInput(node, context, node.inputs[1])];
  const target = plainOutput(node, context, node.outputs[0]);
  const scale = effectiveScale(context.profile.scaleProduct.fullyConnected, input1.scale, input2.scale, output.scale);
  context.emit({
    kernel: 'mat-mul',
    name: node.name,
    rule: rule.id,
    inputs,
    output: target.index,
    parameters: {
      ...sizesOf(graphShape(context.graph, node.inputs[0]), graphShape(context.graph, node.inputs[1])),
      input1ZeroPoint: input1.zeroPoint,
      input2ZeroPoint: input2.zeroPoint,
      outputZeroPoint: output.zeroPoint,
      ...rule.encode(scale),
      ...context.clampOf(node.outputs[0], clampOf(node)),
    },
    macs: op.macs(node, context.graph),
  });
  target.finish();
}

function runInteger(call: IntegerCall): void {
  const { batch, rows, depth, columns, input1ZeroPoint, input2ZeroPoint } = call.parameters;
  const { outputZeroPoint, multiplier, shift, clampMin, clampMax } = call.parameters;
  const wide = call.rule.id === 'reduced-16';
  const [a, b] = call.inputs;
  for (let row = 0; row < batch * rows; row++) {
    const firstB = Math.floor(row / rows) * depth * columns;
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let inner = 0; inner < depth; inner++) {
        sum += (a[row * depth + inner] - input1ZeroPoint) * (b[firstB + inner * columns + column] - input2ZeroPoint);
      }
      const code = call.rule.requantize(
        wide ? sum : sum | 0,
        { multiplier, shift },
        outputZeroPoint,
        clampMin,
        clampMax,
      );
      call.output[row * columns + column] = code;
    }
  }
}
