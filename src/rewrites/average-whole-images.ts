/** An average pool whose one window is the whole image is a global average pool, which every runtime computes in a form of its own. */
import { applyMatches, type Match, type Rewrite } from './edit-graph.ts';

export const averageWholeImages: Rewrite = (graph) => applyMatches(graph, match);

const match: Match = (node, _index, graph) => {
  if (node.op !== 'average-pool') return undefined;
  const spatial = graph.values.get(node.inputs[0]!)!.shape.slice(2);
  const kernel = (node.attributes.kernel as readonly number[]).slice(-spatial.length);
  const padded = (node.attributes.pads as readonly number[]).some((pad) => pad !== 0);
  const stepped = (node.attributes.dilations as readonly number[]).some((step) => step !== 1);
  if (padded || stepped || kernel.join() !== spatial.join()) return undefined;
  const attributes = { clamp: node.attributes.clamp ?? null };
  return { replace: new Map([[node, [{ ...node, op: 'global-average-pool', attributes }]]]) };
};
