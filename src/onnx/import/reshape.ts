/** ONNX Reshape, Flatten, Squeeze and Unsqueeze: one `reshape` with the full output shape. The same shapes serve constants and values. */
import type { Shape } from '../../base/tensor.ts';
import { integerList, normalAxis } from './axis.ts';
import type { ImportContext } from './import-context.ts';
import { invalid, type OnnxNode } from './onnx-node.ts';

/** Shape after Reshape: 0 copies the input's size, one -1 is what remains. */
function reshapeTarget(node: OnnxNode, context: ImportContext, shape: Shape): number[] {
  const given = integerList(node, context, 1, 'shape') ?? invalid(node, 'has no shape');
  const copies = node.attributes.int('allowzero', 0) === 0;
  const sizes = given.map((size, axis) => (size === 0 && copies ? (shape[axis] ?? Number.NaN) : size));
  const total = shape.reduce((product, size) => product * size, 1);
  const known = sizes.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const target = sizes.map((size) => (size === -1 ? total / known : size));
  const fits = target.reduce((product, size) => product * size, 1) === total;
  if (
    !fits ||
    sizes.filter((size) => size === -1).length > 1 ||
    !target.every((size) => Number.isInteger(size) && size >= 0)
  ) {
    invalid(node, 'its shape does not fit the input', {
      seen: `[${given.join(',')}]`,
      allowed: `${total} elements of [${shape.join(',')}]`,
    });
  }
  return target;
}

function flattenTarget(node: OnnxNode, shape: Shape): number[] {
  const axis = node.attributes.int('axis', 1);
  const at = axis === shape.length ? axis : normalAxis(node, axis, shape.length);
  const product = (sizes: Shape): number => sizes.reduce((total, size) => total * size, 1);
  return [product(shape.slice(0, at)), product(shape.slice(at))];
}

function squeezeTarget(node: OnnxNode, context: ImportContext, shape: Shape): number[] {
  const axes = integerList(node, context, 1, 'axes')?.map((axis) => normalAxis(node, axis, shape.length));
  const bad = axes?.find((axis) => shape[axis] !== 1);
  if (bad !== undefined)
    invalid(node, 'squeezes an axis that is not 1', { seen: `axis ${bad} of [${shape.join(',')}]` });
  return shape.filter((size, axis) => (axes === undefined ? size !== 1 : !axes.includes(axis)));
}

function unsqueezeTarget(node: OnnxNode, context: ImportContext, shape: Shape): number[] {
  const given = integerList(node, context, 1, 'axes') ?? invalid(node, 'has no axes');
  const rank = shape.length + given.length;
  const axes = new Set(given.map((axis) => normalAxis(node, axis, rank)));
  if (axes.size !== given.length) invalid(node, 'names an axis twice', { seen: `[${given.join(',')}]` });
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : rest.shift()!));
}

/** The output shape of any of the four, from the shape of the input. */
export function reshapedShape(node: OnnxNode, context: ImportContext, shape: Shape): number[] {
  if (node.opType === 'Flatten') return flattenTarget(node, shape);
  if (node.opType === 'Squeeze') return squeezeTarget(node, context, shape);
  if (node.opType === 'Unsqueeze') return unsqueezeTarget(node, context, shape);
  return reshapeTarget(node, context, shape);
}

export function importReshape(node: OnnxNode, context: ImportContext): void {
  const input = node.inputs[0] ?? '';
  const { shape } = context.value(node, input);
  const target = reshapedShape(node, context, shape);
  if (target.join() === shape.join()) context.alias(node.outputs[0]!, input);
  else context.emit(node, 'reshape', [input], node.outputs, { shape: target });
}
