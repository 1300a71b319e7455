/** The shape of a constant evaluator: an ONNX node whose inputs are all constants, and the constants it yields. */
import { elementCount, type Shape, type Tensor } from '../../base/tensor.ts';
import type { ImportContext } from '../import/import-context.ts';
import { invalid, type OnnxNode } from '../import/onnx-node.ts';

/** `inputs` are the constants of the node; undefined for an absent optional one. Returns one tensor per output. */
export type Folder = (node: OnnxNode, inputs: readonly (Tensor | undefined)[], context: ImportContext) => Tensor[];

/** Refuses shapes that no honest constant has before anything is allocated. */
export function checkFoldedShape(node: OnnxNode, context: ImportContext, shape: Shape): void {
  if (!shape.every((size) => Number.isInteger(size) && size >= 0))
    invalid(node, 'computes a constant of an impossible shape', { seen: `[${shape.join(',')}]` });
  context.budget.checkElements(elementCount(shape));
}

export function requireInput(node: OnnxNode, inputs: readonly (Tensor | undefined)[], index: number): Tensor {
  return inputs[index] ?? invalid(node, `has no input ${index}`);
}
