/** Small questions that pattern rewrites ask of sums and products with one constant number. */
import type { FusedClamp, Graph, Node } from '../graph/graph.ts';

/** The number of a constant that has one element. */
export function scalarOf(graph: Graph, name: string): number | undefined {
  const constant = graph.constants.get(name);
  return constant?.data.length === 1 ? Number(constant.data[0]) : undefined;
}

/** True where two numbers are the same constant up to what exporters round away. */
export function nearly(value: number | undefined, wanted: number): boolean {
  return value !== undefined && Math.abs(value - wanted) <= 1e-4 * Math.abs(wanted);
}

/** The value operand of `node` where it is `op` with the number `wanted`, unclamped; undefined otherwise. */
export function operandBeside(
  graph: Graph,
  node: Node | undefined,
  op: 'add' | 'mul',
  wanted: number,
): string | undefined {
  if (node?.op !== op || (node.attributes.clamp ?? null) !== null) return undefined;
  const at = node.inputs.findIndex((input) => nearly(scalarOf(graph, input), wanted));
  return at < 0 ? undefined : node.inputs[1 - at];
}

/** The other operand of an unclamped product one of whose operands is `value`. */
export function factorBeside(node: Node | undefined, value: string): string | undefined {
  if (node?.op !== 'mul' || (node.attributes.clamp ?? null) !== null) return undefined;
  const at = node.inputs.indexOf(value);
  return at < 0 ? undefined : node.inputs[1 - at];
}

/** The input of a clamp with these bounds. */
export function clampedInput(node: Node | undefined, min: number, max: number): string | undefined {
  const clamp = (node?.attributes.clamp ?? null) as FusedClamp | null;
  return node?.op === 'clamp' && clamp !== null && clamp.min === min && nearly(clamp.max, max)
    ? node.inputs[0]
    : undefined;
}
