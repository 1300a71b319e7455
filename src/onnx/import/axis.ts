/** Axis numbers of ONNX nodes: counted from the end where negative, checked against the rank, given as attribute or input. */
import { numbersOf } from '../fold/number-array.ts';
import { type ImportContext, requireConstant } from './import-context.ts';
import { invalid, type OnnxNode } from './onnx-node.ts';

export function normalAxis(node: OnnxNode, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(normal) || normal < 0 || normal >= rank)
    invalid(node, 'axis', { seen: axis, allowed: `${-rank} to ${rank - 1}` });
  return normal;
}

/** A list of integers that newer opsets give as an input and older ones as an attribute; undefined where the node has neither. */
export function integerList(
  node: OnnxNode,
  context: ImportContext,
  index: number,
  attribute: string,
): number[] | undefined {
  if ((node.inputs[index] ?? '') === '') return node.attributes.ints(attribute);
  const values = numbersOf(requireConstant(context, node, index, attribute));
  if (values.length > 64) invalid(node, `its ${attribute} are too many`, { seen: values.length, allowed: 64 });
  return values;
}
