/** ONNX operators that do nothing at inference: Identity, Dropout, and Cast between float types. */

import { tensorTypeName } from '../tensor-type.ts';
import type { ImportContext } from './import-context.ts';
import { type OnnxNode, unsupported } from './onnx-node.ts';

export function importIdentity(node: OnnxNode, context: ImportContext): void {
  context.alias(node.outputs[0]!, context.value(node, node.inputs[0] ?? '').name);
}

export function importDropout(node: OnnxNode, context: ImportContext): void {
  if ((node.outputs[1] ?? '') !== '')
    unsupported(node, 'its mask output', { next: 'Export the model in inference mode.' });
  importIdentity(node, context);
}

const floatTypes = [1, 10, 11, 16];

export function importCast(node: OnnxNode, context: ImportContext): void {
  const { dtype } = context.value(node, node.inputs[0] ?? '');
  const target = node.attributes.int('to', 0);
  // The index of a table of codes, wherever it is read.
  const widened = context.notes?.codes.has(node.inputs[0] ?? '') === true && (target === 6 || target === 7);
  const integers = (dtype === 'int64' || dtype === 'int32') && (target === 6 || target === 7);
  if (!integers && !widened && !(dtype === 'float32' && floatTypes.includes(target)))
    unsupported(node, 'casts a value', { seen: `${dtype} to ${tensorTypeName(target)}`, allowed: 'float to float' });
  importIdentity(node, context);
}
