/** Drops nodes that change nothing (a reshape to the same shape, a whole slice, empty padding, an open clamp) and joins reshapes of reshapes. */
import type { Shape } from '../base/tensor.ts';
import type { FusedClamp, Graph, Node } from '../graph/graph.ts';
import { applyMatches, type GraphEdit, type GraphIndex, type Match, type Rewrite } from './edit-graph.ts';

export const dropNoOps: Rewrite = (graph) => applyMatches(graph, match);

const match: Match = (node, index, graph) => {
  if (isNoOp(node, graph)) return dropped(node, index, graph);
  if (node.op !== 'reshape') return undefined;
  const before = index.ownedProducer(node.inputs[0]!);
  if (before?.op !== 'reshape') return undefined;
  return {
    replace: new Map([
      [before, []],
      [node, [{ ...node, inputs: before.inputs }]],
    ]),
  };
};

function isNoOp(node: Node, graph: Graph): boolean {
  const shape = (name: string): Shape | undefined => graph.values.get(name)?.shape;
  const zeros = (name: string): boolean => (node.attributes[name] as readonly number[]).every((size) => size === 0);
  switch (node.op) {
    case 'reshape':
      return shape(node.inputs[0]!)?.join() === shape(node.outputs[0]!)?.join();
    case 'slice':
      return shape(node.inputs[0]!)?.join() === shape(node.outputs[0]!)?.join();
    case 'transpose':
      return (node.attributes.permutation as readonly number[]).every((axis, index) => axis === index);
    case 'pad':
      return zeros('before') && zeros('after');
    case 'clamp': {
      const clamp = node.attributes.clamp as unknown as FusedClamp;
      return clamp.min === Number.NEGATIVE_INFINITY && clamp.max === Number.POSITIVE_INFINITY;
    }
    default:
      return false;
  }
}

/** Readers of the output read the input instead; an output of the graph keeps its name where the producer can take it over. */
function dropped(node: Node, index: GraphIndex, graph: Graph): GraphEdit | undefined {
  const [input, output] = [node.inputs[0]!, node.outputs[0]!];
  if (!graph.outputs.includes(output)) return { replace: new Map([[node, []]]), rename: [[output, input]] };
  const before = index.ownedProducer(input);
  if (before === undefined) return undefined;
  const renamed = { ...before, outputs: before.outputs.map((name) => (name === input ? output : name)) };
  return {
    replace: new Map([
      [before, [renamed]],
      [node, []],
    ]),
  };
}
