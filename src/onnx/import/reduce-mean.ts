/** ONNX ReduceMean over all spatial axes: the global average pool, with a reshape where the axes are dropped. */
import { integerList, normalAxis } from './axis.ts';
import type { ImportContext } from './import-context.ts';
import { type OnnxNode, unsupported } from './onnx-node.ts';

export function importReduceMean(node: OnnxNode, context: ImportContext): void {
  const input = node.inputs[0] ?? '';
  const { shape } = context.value(node, input);
  const given = integerList(node, context, 1, 'axes') ?? [];
  const nothing = given.length === 0 && node.attributes.int('noop_with_empty_axes', 0) !== 0;
  if (nothing) {
    context.alias(node.outputs[0]!, input);
    return;
  }
  const axes =
    given.length === 0
      ? shape.map((_, axis) => axis)
      : given.map((axis) => normalAxis(node, axis, shape.length)).sort((a, b) => a - b);
  const spatial = shape.map((_, axis) => axis).slice(2);
  if (shape.length < 3 || axes.join() !== spatial.join()) {
    unsupported(node, 'averages over axes other than all spatial ones', {
      seen: `axes ${axes.join(',')} of [${shape.join(',')}]`,
      allowed: `axes ${spatial.join(',')}`,
    });
  }
  const output = node.outputs[0]!;
  if (node.attributes.int('keepdims', 1) !== 0) {
    context.emit(node, 'global-average-pool', [input], [output], { clamp: null });
    return;
  }
  context.emit(node, 'global-average-pool', [input], [`${output}/pooled`], { clamp: null }, 'pool');
  context.emit(node, 'reshape', [`${output}/pooled`], [output], { shape: shape.slice(0, 2) });
}
