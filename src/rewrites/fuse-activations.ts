/**
 * Recognises activations that exporters write as arithmetic: hard swish and hard sigmoid by a clip between 0 and 6, Gelu by Erf. As one
 * node each, they become one table with one rounding.
 */
import type { Graph, Node } from '../graph/graph.ts';
import { applyMatches, type GraphEdit, type GraphIndex, type Match, type Rewrite } from './edit-graph.ts';
import { clampedInput, factorBeside, nearly, operandBeside } from './match-scalars.ts';

export const fuseActivations: Rewrite = (graph) => [hardSigmoid, hardSwish, gelu].reduce(applyMatches, graph);

/** The nodes between a value and the node that ends a pattern vanish where nothing else reads them. */
function replaced(
  node: Node,
  between: readonly (Node | undefined)[],
  op: string,
  input: string,
  attributes: Node['attributes'] = {},
): GraphEdit {
  const fused: Node = { name: node.name, op, inputs: [input], outputs: node.outputs, attributes };
  const removed = between.filter((inner) => inner !== undefined).map((inner): [Node, Node[]] => [inner, []]);
  return { replace: new Map([[node, [fused]], ...removed]) };
}

/** clip(x + 3, 0, 6) of an owned chain: its two nodes and x. */
function shiftedClip(value: string, index: GraphIndex, graph: Graph): { x: string; nodes: Node[] } | undefined {
  const clip = index.ownedProducer(value);
  const sum = index.ownedProducer(clampedInput(clip, 0, 6) ?? '');
  const x = operandBeside(graph, sum, 'add', 3);
  return x === undefined ? undefined : { x, nodes: [clip!, sum!] };
}

/** clip(x + 3, 0, 6) / 6 */
const hardSigmoid: Match = (node, index, graph) => {
  const clip = shiftedClip(operandBeside(graph, node, 'mul', 1 / 6) ?? '', index, graph);
  return clip && replaced(node, clip.nodes, 'hard-sigmoid', clip.x, { alpha: 1 / 6, beta: 0.5 });
};

/** x * hard-sigmoid(x), or x * clip(x + 3, 0, 6) / 6 in that order */
const hardSwish: Match = (node, index, graph) => {
  for (const [at, x] of node.inputs.entries()) {
    const gate = index.ownedProducer(node.op === 'mul' ? node.inputs[1 - at]! : '');
    const { alpha, beta } = (gate?.attributes ?? {}) as { alpha?: number; beta?: number };
    const fits = gate?.op === 'hard-sigmoid' && gate.inputs[0] === x && nearly(alpha, 1 / 6) && nearly(beta, 0.5);
    if (fits && factorBeside(node, x) !== undefined) return replaced(node, [gate], 'hard-swish', x);
  }
  const product = index.ownedProducer(operandBeside(graph, node, 'mul', 1 / 6) ?? '');
  for (const value of product?.op === 'mul' ? product.inputs : []) {
    const clip = shiftedClip(value, index, graph);
    if (clip !== undefined && factorBeside(product, clip.x) === value)
      return replaced(node, [product, ...clip.nodes], 'hard-swish', clip.x);
  }
  return undefined;
};

/** 1 + erf(x / sqrt 2) of an owned chain: its three nodes and x. */
function erfGate(value: string, index: GraphIndex, graph: Graph): { x: string; nodes: Node[] } | undefined {
  const sum = index.ownedProducer(value);
  const erf = index.ownedProducer(operandBeside(graph, sum, 'add', 1) ?? '');
  const scaled = index.ownedProducer(erf?.op === 'erf' ? erf.inputs[0]! : '');
  const x = operandBeside(graph, scaled, 'mul', Math.SQRT1_2);
  return x === undefined ? undefined : { x, nodes: [sum!, erf!, scaled!] };
}

/** x * (1 + erf(x / sqrt 2)) / 2, halved last or first */
const gelu: Match = (node, index, graph) => {
  const product = index.ownedProducer(operandBeside(graph, node, 'mul', 0.5) ?? '');
  for (const value of product?.op === 'mul' ? product.inputs : []) {
    const gate = erfGate(value, index, graph);
    if (gate !== undefined && factorBeside(product, gate.x) === value)
      return replaced(node, [product, ...gate.nodes], 'gelu', gate.x);
  }
  for (const [at, value] of node.op === 'mul' ? node.inputs.entries() : []) {
    const gate = erfGate(value, index, graph);
    const half = index.ownedProducer(node.inputs[1 - at]!);
    const halved = gate !== undefined && operandBeside(graph, half, 'mul', 0.5) === gate.x;
    if (halved && factorBeside(node, value) !== undefined) return replaced(node, [half, ...gate.nodes], 'gelu', gate.x);
  }
  return undefined;
};
