/** Computes nodes whose inputs are all constants. The importer does so for what it reads; this serves graphs that rewrites or callers make. */
import { getOp } from '../ops/registry.ts';
import { applyMatches, type Match, type Rewrite } from './edit-graph.ts';

export const foldConstants: Rewrite = (graph) => applyMatches(graph, match);

const match: Match = (node, _index, graph) => {
  const constant = node.inputs.every((input) => input === '' || graph.constants.has(input));
  if (!constant || node.outputs.some((output) => graph.outputs.includes(output))) return undefined;
  const results = getOp(node.op).runFloat(
    node,
    node.inputs.map((input) => graph.constants.get(input)),
  );
  return {
    replace: new Map([[node, []]]),
    constants: results.map((tensor, index) => [node.outputs[index]!, tensor] as const),
  };
};
