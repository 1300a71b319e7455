/** Fuses Relu, Relu6 and Clip into the operation that feeds them; moves them up through operations that only carry values. */
import type { FusedClamp, Graph, Node } from '../graph/graph.ts';
import { applyMatches, type GraphEdit, type GraphIndex, type Match, type Rewrite } from './edit-graph.ts';

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

const match: Match = (node, index, graph) => {
  if (node.op !== 'clamp') return undefined;
  const before = index.ownedProducer(node.inputs[0]!);
  if (before === undefined) return undefined;
  const clamp = node.attributes.clamp as unknown as FusedClamp;
  if (fusable.has(before.op)) {
    const both = compose((before.attributes.clamp ?? null) as FusedClamp | null, clamp);
    const fused: Node = { ...before, outputs: node.outputs, attributes: { ...before.attributes, clamp: { ...both } } };
    return {
      replace: new Map([
        [before, [fused]],
        [node, []],
      ]),
    };
  }
  return hoisted(node, before, index, graph);
};

/** Moves a clamp above a chain of carrying operations in one step, however long the chain. */
function hoisted(node: Node, last: Node, index: GraphIndex, graph: Graph): GraphEdit | undefined {
  const chain: Node[] = [];
  for (let carrier: Node | undefined = last; isCarrying(carrier); carrier = index.ownedProducer(carrier.inputs[0]!)) {
    chain.push(carrier);
  }
  const top = chain.at(-1);
  if (top === undefined) return undefined;
  const source = graph.values.get(top.inputs[0]!)!;
  const moved = `${node.outputs[0]}/clamped`;
  const replaced = chain.map((carrier): [Node, Node[]] => {
    const outputs = carrier === last ? node.outputs : carrier.outputs;
    if (carrier !== top) return [carrier, [{ ...carrier, outputs }]];
    const first: Node = { ...node, inputs: [source.name], outputs: [moved] };
    return [carrier, [first, { ...carrier, inputs: [moved, ...carrier.inputs.slice(1)], outputs }]];
  });
  return { replace: new Map([...replaced, [node, []]]), values: [{ ...source, name: moved }] };
}

function isCarrying(node: Node | undefined): node is Node {
  return node !== undefined && carrying.has(node.op) && (node.attributes.clamp ?? null) === null;
}

/** The clamp that does both, one after the other. */
function compose(first: FusedClamp | null, second: FusedClamp): FusedClamp {
  if (first === null) return second;
  const bound = (value: number): number => Math.min(Math.max(value, second.min), second.max);
  return { min: bound(first.min), max: bound(first.max) };
}
