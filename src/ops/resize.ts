/**
 * Resizes the two spatial axes, nearest or bilinear. Integers interpolate with weights of 1/2048 per axis and round half up once; where a
 * sample falls is decided by the host in float64, as ONNX Resize says, and shipped as tables.
 */
import type { FloatTensor, Shape, Tensor } from '../base/tensor.ts';
import type { Node, Value } from '../graph/graph.ts';
import { constant, i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { graphShape, inputShapeOfRank, integersOf, textOf } from './common/attributes.ts';
import { numbersOf } from './common/float-data.ts';
import { type AxisSample, sampleAxis } from './common/resize-axis.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const resizeKernel: KernelSpec = {
  name: 'resize',
  opcode: 16,
  parameters: [
    i32('inputHeight', 'Input height.'),
    i32('inputWidth', 'Input width.'),
    i32('channels', 'Channels of input and output.'),
    i32('outputHeight', 'Output height.'),
    i32('outputWidth', 'Output width.'),
    i32('mode', '0: nearest; 1: bilinear.'),
    constant(
      'rowIndex',
      'int32 per output row: nearest: source row. Bilinear: two rows and the weight of the second in 1/2048, 0..2048.',
    ),
    constant('columnIndex', 'The same per output column.'),
    i32('zeroPoint', 'Zero point.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};

const weightOne = 2048;

export const op: OpDefinition = {
  name: 'resize',
  kernel: resizeKernel,
  scaleTie: 'shared',
  inferShapes,
  runFloat,
  macs: () => 0,
  lower,
  runInteger,
};

function modeOf(node: Node): 'nearest' | 'bilinear' {
  return textOf(node, 'mode', ['nearest', 'bilinear']);
}

function inferShapes(node: Node, inputs: readonly Value[], constants: ReadonlyMap<string, Tensor>): Shape[] {
  const shape = inputShapeOfRank(node, 0, inputs, constants, 4);
  modeOf(node);
  return [[shape[0], shape[1], ...integersOf(node, 'size', 1, 2)]];
}

function runFloat(node: Node, inputs: readonly (Tensor | undefined)[]): FloatTensor[] {
  const input = numbersOf(inputs[0]);
  const [batch, channels, height, width] = inputs[0]!.shape;
  const [rows, columns] = [sampleAxis(node, 0, height), sampleAxis(node, 1, width)];
  const data = new Float32Array(batch * channels * rows.length * columns.length);
  let target = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    const at = (row: number, column: number): number => input[(plane * height + row) * width + column];
    for (const row of rows) {
      for (const column of columns) {
        const top = at(row.first, column.first) * (1 - column.weight) + at(row.first, column.second) * column.weight;
        const low = at(row.second, column.first) * (1 - column.weight) + at(row.second, column.second) * column.weight;
        data[target++] = top * (1 - row.weight) + low * row.weight;
      }
    }
  }
  return [{ dtype: 'float32', shape: [batch, channels, rows.length, columns.length], data }];
}

function lower(node: Node, context: LowerContext): void {
  const [, channels, height, width] = graphShape(context.graph, node.inputs[0]);
  const bilinear = modeOf(node) === 'bilinear';
  const [rows, columns] = [sampleAxis(node, 0, height), sampleAxis(node, 1, width)];
  const table = (samples: readonly AxisSample[], name: string): number =>
    context.addConstant({
      name: `${node.name}.${name}`,
      packing: 'int32',
      data: Int32Array.from(
        samples.flatMap(({ first, second, weight }) =>
          bilinear ? [first, second, Math.round(weight * weightOne)] : [first],
        ),
      ),
    });
  context.emit({
    kernel: 'resize',
    name: node.name,
    rule: context.rule.id,
    inputs: [context.tensor(node.inputs[0]).index],
    output: context.tensor(node.outputs[0]).index,
    parameters: {
      inputHeight: height,
      inputWidth: width,
      channels,
      outputHeight: rows.length,
      outputWidth: columns.length,
      mode: bilinear ? 1 : 0,
      rowIndex: table(rows, 'rows'),
      columnIndex: table(columns, 'columns'),
      zeroPoint: context.activation(node.outputs[0]).zeroPoint,
      ...context.clampOf(node.outputs[0], undefined),
    },
    macs: 0,
  });
}

/** Weights of one position add up to 2^22 and rounding half up commutes with adding integers, so the zero point needs no removal. */
function runInteger(call: IntegerCall): void {
  const { inputWidth, channels, outputHeight, outputWidth, mode, clampMin, clampMax } = call.parameters;
  const rows = call.constant('rowIndex') as Int32Array;
  const columns = call.constant('columnIndex') as Int32Array;
  const [input] = call.inputs;
  const at = (row: number, column: number, channel: number): number =>
    input[(row * inputWidth + column) * channels + channel];
  let target = 0;
  for (let outY = 0; outY < outputHeight; outY++) {
    for (let outX = 0; outX < outputWidth; outX++) {
      for (let channel = 0; channel < channels; channel++) {
        const code =
          mode === 0 ? at(rows[outY], columns[outX], channel) : interpolate(rows, outY, columns, outX, channel, at);
        call.output[target++] = Math.min(Math.max(code, clampMin), clampMax);
      }
    }
  }
}

function interpolate(
  rows: Int32Array,
  outY: number,
  columns: Int32Array,
  outX: number,
  channel: number,
  at: (row: number, column: number, channel: number) => number,
): number {
  const [top, low, rowWeight] = rows.subarray(outY * 3, outY * 3 + 3);
  const [left, right, columnWeight] = columns.subarray(outX * 3, outX * 3 + 3);
  const across = (row: number): number =>
    at(row, left, channel) * (weightOne - columnWeight) + at(row, right, channel) * columnWeight;
  const sum = across(top) * (weightOne - rowWeight) + across(low) * rowWeight;
  return Math.floor((sum + 2 ** 21) / 2 ** 22);
}
