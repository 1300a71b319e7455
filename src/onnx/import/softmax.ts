/** ONNX Softmax. Before opset 13 it normalises over all axes from `axis` on, which is written here as a softmax between two reshapes. */
import { normalAxis } from './axis.ts';
import type { ImportContext } from './import-context.ts';
import type { OnnxNode } from './onnx-node.ts';

export function importSoftmax(node: OnnxNode, context: ImportContext): void {
  const input = node.inputs[0] ?? '';
  const { shape } = context.value(node, input);
  const output = node.outputs[0]!;
  const since13 = context.opset >= 13;
  const axis = normalAxis(node, node.attributes.int('axis', since13 ? -1 : 1), shape.length);
  if (since13 || shape.slice(axis + 1).every((size) => size === 1)) {
    context.emit(node, 'softmax', [input], [output], { axis });
    return;
  }
  const inner = shape.slice(axis).reduce((product, size) => product * size, 1);
  context.emit(node, 'reshape', [input], [`${output}/rows`], { shape: [...shape.slice(0, axis), inner] }, 'rows');
  context.emit(node, 'softmax', [`${output}/rows`], [`${output}/softmax`], { axis }, 'softmax');
  context.emit(node, 'reshape', [`${output}/softmax`], [output], { shape });
}
