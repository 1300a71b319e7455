/** The nodes that carry weights, with their constants resolved and checked: what step initialisers and rounding methods work on. */
import { assert, type IssueList } from '../base/errors.ts';
import type { Graph, Node } from '../graph/graph.ts';

export const weightedOps: ReadonlySet<string> = new Set([
  'conv',
  'depthwise-conv',
  'conv-transpose',
  'fully-connected',
  'gather',
]);

export interface WeightedNode {
  readonly node: Node;
  /** Graph layout: [outputs, ...]; a gather's table is [rows, width]. */
  readonly weights: Float32Array<ArrayBuffer>;
  readonly shape: readonly number[];
  /** Axis 0. */
  readonly outputs: number;
  /** Weights of one output channel. */
  readonly perOutput: number;
  readonly bias: Float32Array<ArrayBuffer> | null;
  /** One scale for all outputs whatever the target allows (a gather copies codes). */
  readonly singleScale: boolean;
}

export function weightedNodes(graph: Graph): WeightedNode[] {
  return graph.nodes.filter((node) => weightedOps.has(node.op)).map((node) => resolve(graph, node));
}

function resolve(graph: Graph, node: Node): WeightedNode {
  const isGather = node.op === 'gather';
  const tensor = graph.constants.get(node.inputs[isGather ? 0 : 1]);
  assert(tensor !== undefined, `Node ${node.name} has no constant weights.`);
  const biasName = isGather ? '' : (node.inputs[2] ?? '');
  const bias = biasName === '' ? null : graph.constants.get(biasName);
  assert(bias !== undefined, `Node ${node.name} has no constant bias ${biasName}.`);
  const outputs = tensor.shape[0];
  return {
    node,
    weights: tensor.data as Float32Array<ArrayBuffer>,
    shape: tensor.shape,
    outputs,
    perOutput: tensor.data.length / outputs,
    bias: bias === null ? null : (bias.data as Float32Array<ArrayBuffer>),
    singleScale: isGather,
  };
}

/** Collects weights and biases that are NaN or infinite. */
export function checkWeights(nodes: readonly WeightedNode[], issues: IssueList): void {
  for (const { node, weights, bias } of nodes) {
    for (const [what, data] of [
      ['weight', weights],
      ['bias', bias],
    ] as const) {
      const index = data === null ? -1 : data.findIndex((value) => !Number.isFinite(value));
      if (data === null || index < 0) continue;
      issues.add({
        message: `a ${what} is not a finite number`,
        where: `node ${node.name}, element ${index}`,
        seen: String(data[index]),
        next: 'Export the model again; it diverged or was saved badly.',
      });
    }
  }
}
