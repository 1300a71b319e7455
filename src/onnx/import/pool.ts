/** ONNX MaxPool, AveragePool, GlobalAveragePool and GlobalMaxPool. */
import { windowGeometry } from './geometry.ts';
import type { ImportContext } from './import-context.ts';
import { invalid, type OnnxNode, unsupported } from './onnx-node.ts';

export function importMaxPool(node: OnnxNode, context: ImportContext): void {
  if ((node.outputs[1] ?? '') !== '') unsupported(node, 'its second output (indices)');
  emitPool(node, context, 'max-pool', {});
}

export function importAveragePool(node: OnnxNode, context: ImportContext): void {
  const countIncludePad = node.attributes.int('count_include_pad', 0) !== 0;
  // The end padding that ceil_mode adds is never counted, but padding of the node itself may be: one window cannot tell them apart.
  if (countIncludePad && node.attributes.int('ceil_mode', 0) !== 0)
    unsupported(node, 'ceil_mode together with count_include_pad');
  emitPool(node, context, 'average-pool', { countIncludePad });
}

function emitPool(node: OnnxNode, context: ImportContext, op: string, extra: Readonly<Record<string, boolean>>): void {
  const input = context.value(node, node.inputs[0] ?? '').shape;
  const kernel = node.attributes.ints('kernel_shape') ?? invalid(node, 'has no kernel_shape');
  const geometry = windowGeometry(node, input, kernel);
  context.emit(node, op, [node.inputs[0]!], [node.outputs[0]!], { ...geometry, ...extra, clamp: null });
}

export function importGlobalAveragePool(node: OnnxNode, context: ImportContext): void {
  context.emit(node, 'global-average-pool', [node.inputs[0] ?? ''], node.outputs, { clamp: null });
}

export function importGlobalMaxPool(node: OnnxNode, context: ImportContext): void {
  const { shape } = context.value(node, node.inputs[0] ?? '');
  if (shape.length !== 3 && shape.length !== 4)
    unsupported(node, 'has other than one or two spatial axes', { seen: `[${shape.join(',')}]` });
  const kernel = shape.length === 3 ? [1, shape[2]!] : [shape[2]!, shape[3]!];
  const attributes = { kernel, strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], clamp: null };
  context.emit(node, 'max-pool', [node.inputs[0]!], node.outputs, attributes);
}
