/** Drops nodes that no output of the graph depends on. */
import { applyMatches, type Match, type Rewrite } from './edit-graph.ts';

export const dropDeadNodes: Rewrite = (graph) => applyMatches(graph, match);

const match: Match = (node, index, graph) => {
  const alive = node.outputs.some((output) => graph.outputs.includes(output) || index.consumers(output).length > 0);
  return alive ? undefined : { replace: new Map([[node, []]]) };
};
