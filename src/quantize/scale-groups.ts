/**
 * Values that must share one scale and zero point. An operation that moves codes without requantizing (max pool, reshape, concat)
 * ties its inputs to its output; the groups are the connected components of these ties.
 */
import type { NumericProfile } from '../arithmetic/profile.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { ScaleTie } from '../ops/op-definition.ts';
import { getOp } from '../ops/registry.ts';

export interface ScaleGroup {
  readonly index: number;
  /** Value names, in the order of the graph. */
  readonly values: readonly string[];
  /** Set where an operation dictates the scale (softmax: 1/256, zero point at the lowest code). */
  readonly fixed: { readonly scale: number; readonly zeroPointFromLowest: number } | null;
  /** Node whose weight table gives the scale (gather copies codes of its table), or null. */
  readonly table: string | null;
  readonly isGraphInput: boolean;
}

/** Groups of all float values. Index values (int64, int32) have no scale and are left out. */
export function scaleGroups(graph: Graph, profile: NumericProfile): ScaleGroup[] {
  const names = [...graph.values.values()].filter((value) => value.dtype === 'float32').map((value) => value.name);
  const parent = new Map(names.map((name) => [name, name]));
  const find = (name: string): string => {
    let root = name;
    while (parent.get(root) !== root) root = parent.get(root) as string;
    return root;
  };
  const fixed = new Map<string, ScaleGroup['fixed']>();
  const tables = new Map<string, string>();
  for (const node of graph.nodes) {
    const tie = tieOf(node, profile);
    if (typeof tie === 'object') for (const output of node.outputs) fixed.set(output, tie);
    if (node.op === 'gather') tables.set(node.outputs[0], node.name);
    if (tie !== 'shared') continue;
    const tied = [...node.inputs, ...node.outputs].filter((name) => parent.has(name));
    for (const name of tied.slice(1)) parent.set(find(name), find(tied[0]));
  }
  const members = new Map<string, string[]>();
  for (const name of names) members.set(find(name), [...(members.get(find(name)) ?? []), name]);
  return [...members.values()].map((values, index) => ({
    index,
    values,
    fixed: values.map((name) => fixed.get(name)).find((entry) => entry !== undefined) ?? null,
    table: values.map((name) => tables.get(name)).find((entry) => entry !== undefined) ?? null,
    isGraphInput: values.some((name) => graph.inputs.includes(name)),
  }));
}

/** Group of each value. */
export function groupOfValue(groups: readonly ScaleGroup[]): Map<string, ScaleGroup> {
  return new Map(groups.flatMap((group) => group.values.map((name) => [name, group] as const)));
}

function tieOf(node: Node, profile: NumericProfile): ScaleTie {
  const tie = getOp(node.op).scaleTie;
  return typeof tie === 'function' ? tie(node, profile) : tie;
}
