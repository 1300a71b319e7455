/** Rows of a constant table by index: embeddings. The codes are those of the table; another output scale costs a requantization. */
import { BitwrightError } from '../base/errors.ts';
import { elementCount, type FloatTensor, type Tensor } from '../base/tensor.ts';
import type { Node } from '../graph/graph.ts';
import { constant, i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { codeRange } from '../graph/quantization-plan.ts';
import { graphShape, inputShape, inputShapeOfRank } from './common/attributes.ts';
import { mapFloat, numbersOf } from './common/float-data.ts';
import { plainInput, plainOutput } from './common/layout.ts';
import { emitRescale } from './common/rescale.ts';
import { weightStorage } from './common/weighted.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const gatherKernel: KernelSpec = {
  name: 'gather',
  opcode: 17,
  parameters: [
    i32('count', 'Indices of one sample.'),
    i32('rows', 'Rows of the table; an index outside [0, rows) is a device fault.'),
    i32('width', 'Elements of a row.'),
    i32('weightBits', '8, 4 or 2.'),
    constant('table', 'Packed codes [rows][width].'),
  ],
};

export const op: OpDefinition = {
  name: 'gather',
  kernel: gatherKernel,
  scaleTie: 'free',
  inferShapes: (node, inputs, constants) => {
    const [, width] = inputShapeOfRank(node, 0, inputs, constants, 2);
    return [[...inputShape(node, 1, inputs, constants), width]];
  },
  runFloat,
  macs: () => 0,
  lower,
  runInteger,
};

function runFloat(node: Node, inputs: readonly (Tensor | undefined)[]): FloatTensor[] {
  const [table, indices] = [numbersOf(inputs[0]), numbersOf(inputs[1])];
  const [rows, width] = inputs[0]!.shape;
  const value = (index: number): number => {
    const row = indices[Math.floor(index / width)];
    if (!(row >= 0 && row < rows)) throw indexError(node.name, row, rows);
    return table[row * width + (index % width)];
  };
  return [mapFloat([...inputs[1]!.shape, width], value)];
}

function indexError(where: string, seen: number, rows: number): BitwrightError {
  return new BitwrightError('DEVICE_FAULT', {
    message: 'an index is outside the table',
    where,
    seen,
    allowed: `0 to ${rows - 1}`,
    next: 'The input holds an identifier that the model was not trained with.',
  });
}

function lower(node: Node, context: LowerContext): void {
  const weights = context.weights(node);
  const [rows, width] = graphShape(context.graph, node.inputs[0]);
  const { packing, weightBits } = weightStorage(weights.bits);
  const output = context.tensor(node.outputs[0]);
  const same = output.tensor.scale === weights.scales[0] && output.tensor.zeroPoint === 0;
  const codes = {
    ...output.tensor,
    name: `${node.name}.codes`,
    dtype: 'int8' as const,
    scale: weights.scales[0],
    zeroPoint: 0,
    ...codeRange(weights.bits),
  };
  const target = same ? plainOutput(node, context, node.outputs[0]) : { index: context.addTensor(codes), finish: null };
  const count = elementCount(graphShape(context.graph, node.inputs[1]));
  context.emit({
    kernel: 'gather',
    name: node.name,
    rule: context.rule.id,
    inputs: [plainInput(node, context, node.inputs[1])],
    output: target.index,
    parameters: {
      count,
      rows,
      width,
      weightBits,
      table: context.addConstant({ name: `${node.name}.table`, packing, data: weights.codes }),
    },
    macs: 0,
  });
  if (target.finish !== null) {
    target.finish();
    return;
  }
  const rescaled = plainOutput(node, context, node.outputs[0]);
  emitRescale(
    node,
    context,
    { index: target.index, tensor: codes },
    { index: rescaled.index, tensor: output.tensor },
    undefined,
  );
  rescaled.finish();
}

function runInteger(call: IntegerCall): void {
  const { count, rows, width } = call.parameters;
  const table = call.constant('table') as Int8Array;
  const [indices] = call.inputs;
  for (let position = 0; position < count; position++) {
    const row = indices[position];
    if (row < 0 || row >= rows) throw indexError(call.operation.name, row, rows);
    call.output.set(table.subarray(row * width, (row + 1) * width), position * width);
  }
}
