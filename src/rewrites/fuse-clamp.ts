/** Fuses Relu, Relu6 and Clip into the operation that feeds them, also through operations that only carry values. */
import type { FusedClamp, Node } from '../graph/graph.ts';
import { applyMatches, type GraphIndex, type Match, type Rewrite } from './edit-graph.ts';

export const fuseClamp: Rewrite = (graph) => applyMatches(graph, match);

const fusable = new Set([
  'conv',
  'depthwise-conv',
  'conv-transpose',
  'fully-connected',
  'mat-mul',
  'add',
  'sub',
  'mul',
  'average-pool',
  'global-average-pool',
  'clamp',
  'requantize',
]);
/** A clamp may change places with these: they pick among values and make none. */
const carrying = new Set(['max-pool', 'reshape', 'transpose', 'slice']);

const match: Match = (node, index) => {
  if (node.op !== 'clamp') return undefined;
  const carriers = carriersAbove(node, index);
  const [last] = carriers;
  const source = index.ownedProducer((carriers.at(-1) ?? node).inputs[0]!);
  if (source === undefined || !fusable.has(source.op)) return undefined;
  const own = (source.attributes.clamp ?? null) as FusedClamp | null;
  const clamp = { ...compose(own, node.attributes.clamp as unknown as FusedClamp) };
  const fused: Node = { ...source, attributes: { ...source.attributes, clamp } };
  if (last === undefined) {
    const named: Node = { ...fused, outputs: node.outputs };
    return {
      replace: new Map([
        [source, [named]],
        [node, []],
      ]),
    };
  }
  return {
    replace: new Map([
      [source, [fused]],
      [last, [{ ...last, outputs: node.outputs }]],
      [node, []],
    ]),
  };
};

/** The chain of carrying operations that ends at a clamp, from the last one up. */
function carriersAbove(node: Node, index: GraphIndex): Node[] {
  const chain: Node[] = [];
  let above = index.ownedProducer(node.inputs[0]!);
  while (above !== undefined && carrying.has(above.op) && (above.attributes.clamp ?? null) === null) {
    chain.push(above);
    above = index.ownedProducer(above.inputs[0]!);
  }
  return chain;
}

/** The clamp that does both, one after the other. */
function compose(first: FusedClamp | null, second: FusedClamp): FusedClamp {
  if (first === null) return second;
  const bound = (value: number): number => Math.min(Math.max(value, second.min), second.max);
  return { min: bound(first.min), max: bound(first.max) };
}
