/** Transposed convolution, which ONNX Runtime has no integer form of: zero points are put between the input's elements, then a plain convolution with mirrored kernels follows. */
import type { Node } from '../../graph/graph.ts';
import { intVector } from '../../onnx/onnx-builder.ts';
import {
  codesName,
  type ExportContext,
  type NodeExporter,
  operationOf,
  shapeOf,
  writeClamped,
  zeroPointName,
} from './export-context.ts';
import { emitQLinearConv, weightValue } from './weighted.ts';

/** One spatial axis of the equivalent convolution. */
interface AxisPlan {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  /** Rows to take off (negative) or to pad (positive) before and after the spread input. */
  readonly before: number;
  readonly after: number;
}

/** The input spread by its stride has size * stride rows, the last stride - 1 of them zero. */
function planAxis(node: Node, context: ExportContext, axis: number, kernel: number): AxisPlan {
  const rank = shapeOf(context, node.inputs[0]!).length;
  const at = axis + (rank === 3 ? 1 : 0);
  const of = (name: string): number => (node.attributes[name] as readonly number[])[at]!;
  const size = shapeOf(context, node.inputs[0]!)[axis + 2]!;
  const output = shapeOf(context, node.outputs[0]!)[axis + 2]!;
  const [stride, dilation] = [of('strides'), of('dilations')];
  const reach = dilation * (kernel - 1);
  const before = reach - of('pads');
  return { size, stride, dilation, before, after: output + reach - size * stride - before };
}

export const exportConvTranspose: NodeExporter = (node, context) => {
  const operation = operationOf(context, node);
  const shape = shapeOf(context, node.inputs[0]!);
  const entry = context.plan.weights.get(node.name)!;
  const [outputs, perGroup, ...kernel2d] = shapeOf(context, node.inputs[1]!) as number[];
  const kernel = shape.length === 3 ? kernel2d.slice(1) : kernel2d;
  const axes = kernel.map((size, axis) => planAxis(node, context, axis, size));
  const output = codesName(context, node.outputs[0]!);
  const spread = cropped(node, context, spreadInput(node, context, axes), axes);
  const weights = weightValue(
    context,
    `${node.name}/weights`,
    [outputs!, perGroup!, ...kernel],
    mirrored(entry.codes, kernel),
    entry.bits,
  );
  const of = {
    operation,
    input: spread,
    inputValue: node.inputs[0]!,
    outputValue: node.outputs[0]!,
    weights,
    outputChannels: outputs!,
    weightScales: entry.scales,
  };
  const padding = (side: 'before' | 'after'): number[] => axes.map((axis) => Math.max(axis[side], 0));
  const attributes = {
    dilations: { ints: axes.map((axis) => axis.dilation) },
    pads: { ints: [...padding('before'), ...padding('after')] },
    group: { int: (node.attributes.groups ?? 1) as number },
  };
  writeClamped(context, node, output, operation.parameters, (target) =>
    emitQLinearConv(node, context, of, target, attributes, node.name),
  );
};

/** [N,C,H,W] as [N,C,H,1,W,1], padded with zero points to [N,C,H,s,W,s], and flat again. */
function spreadInput(node: Node, context: ExportContext, axes: readonly AxisPlan[]): string {
  const input = codesName(context, node.inputs[0]!);
  if (axes.every((axis) => axis.stride === 1)) return input;
  const { builder } = context;
  const channels = shapeOf(context, node.inputs[0]!)[1]!;
  const vector = (role: string, values: readonly number[]): string =>
    builder.newConstant(`${node.name}/${role}`, intVector(values));
  const apart = `${node.name}/apart`;
  builder.node(
    'Reshape',
    [input, vector('apart_shape', [-1, channels, ...axes.flatMap((axis) => [axis.size, 1])])],
    [apart],
    { name: apart },
  );
  const pads = [0, 0, ...axes.flatMap(() => [0, 0]), 0, 0, ...axes.flatMap((axis) => [0, axis.stride - 1])];
  builder.node('Pad', [apart, vector('gaps', pads), zeroPointName(context, node.inputs[0]!)], [`${apart}/padded`], {
    name: `${node.name}/gaps`,
  });
  builder.node(
    'Reshape',
    [`${apart}/padded`, vector('spread_shape', [-1, channels, ...axes.map((axis) => axis.size * axis.stride)])],
    [`${node.name}/spread`],
    { name: `${node.name}/spread` },
  );
  return `${node.name}/spread`;
}

/** Takes off the rows that negative padding asks for. */
function cropped(node: Node, context: ExportContext, input: string, axes: readonly AxisPlan[]): string {
  if (axes.every((axis) => axis.before >= 0 && axis.after >= 0)) return input;
  const { builder } = context;
  const vector = (role: string, values: readonly number[]): string =>
    builder.newConstant(`${node.name}/${role}`, intVector(values));
  const starts = axes.map((axis) => Math.max(-axis.before, 0));
  const ends = axes.map((axis) => axis.size * axis.stride - Math.max(-axis.after, 0));
  const onto = axes.map((_, axis) => axis + 2);
  builder.node(
    'Slice',
    [input, vector('crop_start', starts), vector('crop_end', ends), vector('crop_axes', onto)],
    [`${node.name}/cropped`],
    { name: `${node.name}/crop` },
  );
  return `${node.name}/cropped`;
}

/** Kernels turned by 180 degrees: reversing a flat kernel turns all of its axes. */
function mirrored(codes: Int8Array, kernel: readonly number[]): Int8Array<ArrayBuffer> {
  const taps = kernel.reduce((product, size) => product * size, 1);
  return Int8Array.from(codes, (_, index) => codes[index - (index % taps) + taps - 1 - (index % taps)]!);
}
