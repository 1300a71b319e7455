/** ONNX ArgMax. */
import { normalAxis } from './axis.ts';
import type { ImportContext } from './import-context.ts';
import { type OnnxNode, unsupported } from './onnx-node.ts';

export function importArgMax(node: OnnxNode, context: ImportContext): void {
  const { shape } = context.value(node, node.inputs[0] ?? '');
  if (node.attributes.int('select_last_index', 0) !== 0) unsupported(node, 'select_last_index');
  const axis = normalAxis(node, node.attributes.int('axis', 0), shape.length);
  context.emit(node, 'arg-max', [node.inputs[0]!], node.outputs, {
    axis,
    keepDims: node.attributes.int('keepdims', 1) !== 0,
  });
}
