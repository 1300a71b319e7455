/** ONNX Gather: rows of a constant table, a table of codes by codes, and elements of a value along one axis. */
import type { Tensor } from '../../base/tensor.ts';
import type { Attributes, Node } from '../../graph/graph.ts';
import { sampleAxis } from '../../ops/common/resize-axis.ts';
import { numbersOf } from '../fold/number-array.ts';
import { normalAxis } from './axis.ts';
import { scaleReadOn } from './code-flow.ts';
import { floatConstantName, type ImportContext, requireConstant } from './import-context.ts';
import { invalid, type OnnxNode, unsupported } from './onnx-node.ts';
import { codeTypes, noteActivation } from './quantize-linear.ts';

export function importGather(node: OnnxNode, context: ImportContext): void {
  const table = context.constant(node.inputs[0] ?? '');
  if (table === undefined) pickAlongAxis(node, context);
  else if (context.notes?.codes.has(node.inputs[1] ?? '') === true) importCodeTable(node, context, table);
  else if (context.notes !== null && codeTypes.has(table.dtype)) importRowsOfCodes(node, context, table);
  else importRows(node, context, floatConstantName(context, node, 0, 'table'));
}

/** Rows of a constant table picked by an integer value. */
function importRows(node: OnnxNode, context: ImportContext, table: string): void {
  const { shape } = context.constant(table)!;
  const indices = context.value(node, node.inputs[1] ?? '');
  if (shape.length !== 2)
    unsupported(node, 'its table is no matrix', { seen: `[${shape.join(',')}]`, allowed: '[rows, width]' });
  if (indices.dtype !== 'int64' && indices.dtype !== 'int32')
    invalid(node, 'its indices are no integers', { seen: indices.dtype });
  const axis = normalAxis(node, node.attributes.int('axis', 0), 2);
  if (axis !== 0) unsupported(node, 'gathers along another axis than the first', { seen: axis, allowed: 0 });
  context.emit(node, 'gather', [table, node.inputs[1]!], node.outputs);
}

/** An embedding whose table holds codes: their scale is the one that the rows are read on. */
function importRowsOfCodes(node: OnnxNode, context: ImportContext, table: Tensor): void {
  const read = scaleReadOn(node.outputs[0]!, context);
  const { lowered } = codeTypes.get(table.dtype)!;
  const codes = numbersOf(table).map((code) => code - lowered);
  const name = context.derive(node.inputs[0]!, `real/${read.scale}/${read.zeroPoint}`, () => ({
    dtype: 'float32',
    shape: table.shape,
    data: Float32Array.from(codes, (code) => Math.fround(code - read.zeroPoint) * read.scale),
  }));
  const bits = codes.every((code) => code >= -8 && code <= 7) ? 4 : 8;
  context.notes!.weights.set(name, { scales: Float32Array.of(read.scale), bits });
  importRows(node, context, name);
  noteActivation(node, context, node.outputs[0]!, read);
}

/** 256 codes by code. A negative index counts from the end, so codes -128 to -1 are the second half of the table. */
function importCodeTable(node: OnnxNode, context: ImportContext, table: Tensor): void {
  const input = context.value(node, node.inputs[1]!);
  const { lowered } = context.notes!.codes.get(node.inputs[1]!)!;
  const written = codeTypes.get(table.dtype);
  if (table.shape.join() !== '256' || written === undefined || written.bits !== 8)
    unsupported(node, 'its table is not one of 256 codes', { seen: `${table.dtype} [${table.shape.join(',')}]` });
  const known = context.notes!.activations.get(input.name);
  if (known === undefined) unsupported(node, 'looks up codes whose scale is not known');
  const read = scaleReadOn(node.outputs[0]!, context);
  const codes = numbersOf(table);
  const entry = (index: number): number => codes[(index - 128 + lowered + 256) % 256]! - written!.lowered;
  const name = context.derive(node.inputs[0]!, `codes/${lowered}`, () => ({
    dtype: 'int8',
    shape: [256],
    data: Int8Array.from({ length: 256 }, (_, index) => entry(index)),
  }));
  context.emit(node, 'code-table', [input.name, name], node.outputs, {
    inputScale: known!.scale,
    inputZeroPoint: known!.zeroPoint,
    outputScale: read.scale,
    outputZeroPoint: read.zeroPoint,
  });
  noteActivation(node, context, node.outputs[0]!, read);
}

/** Constant positions along one axis of a value: a slice where their distance is always the same, else a nearest resize if it is one. */
function pickAlongAxis(node: OnnxNode, context: ImportContext): void {
  const { name, shape, dtype } = context.value(node, node.inputs[0] ?? '');
  const indices = requireConstant(context, node, 1, 'indices');
  const axis = normalAxis(node, node.attributes.int('axis', 0), shape.length);
  if (dtype !== 'float32') unsupported(node, 'picks from integers that are computed at run time', { seen: dtype });
  if (axis === 0) unsupported(node, 'picks along the batch axis');
  if (indices.shape.length > 1 || indices.data.length === 0)
    unsupported(node, 'its indices are neither one nor a list', { seen: `[${indices.shape.join(',')}]` });
  const size = shape[axis]!;
  const places = numbersOf(indices).map((index) => (index < 0 ? index + size : index));
  const outside = places.find((place) => !(Number.isInteger(place) && place >= 0 && place < size));
  if (outside !== undefined)
    invalid(node, 'an index is outside the axis', { seen: outside, allowed: `0 to ${size - 1}` });
  const output = node.outputs[0]!;
  const picked = indices.shape.length === 0 ? `${output}/picked` : output;
  const suffix = picked === output ? undefined : 'pick';
  const step = places.length > 1 ? places[1]! - places[0]! : 1;
  if (step >= 1 && places.every((place, index) => place === places[0]! + index * step)) {
    const along = (fill: number, own: number): number[] =>
      shape.map((full, at) => (at === axis ? own : fill < 0 ? full : fill));
    const range = { begin: along(0, places[0]!), end: along(-1, places.at(-1)! + 1), step: along(1, step) };
    context.emit(node, 'slice', [name], [picked], range, suffix);
  } else context.emit(node, 'resize', [name], [picked], nearestResize(node, shape, axis, places), suffix);
  if (picked !== output)
    context.emit(node, 'reshape', [picked], [output], { shape: shape.filter((_, at) => at !== axis) });
}

/** The attributes of the nearest resize that picks these places, as exporters write it for runtimes that round differently. */
function nearestResize(node: OnnxNode, shape: readonly number[], axis: number, places: readonly number[]): Attributes {
  const at = axis - 2;
  if (shape.length === 4 && (at === 0 || at === 1)) {
    const size = [shape[2]!, shape[3]!].map((full, spatial) => (spatial === at ? places.length : full));
    const scales = size.map((full, spatial) => full / shape[spatial + 2]!);
    for (const coordinates of ['asymmetric', 'half-pixel', 'align-corners']) {
      for (const rounding of ['floor', 'round-prefer-floor', 'round-prefer-ceil', 'ceil']) {
        const attributes = { size, mode: 'nearest', coordinates, rounding, scales };
        const resize: Node = { name: node.name, op: 'resize', inputs: [], outputs: [], attributes };
        if (sampleAxis(resize, at, shape[axis]!).every(({ first }, index) => first === places[index]))
          return attributes;
      }
    }
  }
  return unsupported(node, 'picks elements in an order that is neither a slice nor a nearest resize', {
    seen: `[${places.slice(0, 8).join(',')}${places.length > 8 ? ',...' : ''}] of ${shape[axis]}`,
  });
}
