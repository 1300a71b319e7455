/**
 * Random starting weights for training from scratch: He normal (variance 2 / fan-in) for weighted nodes, zero biases, and the identity
 * for batch norm.
 */
import { seededRandom } from '../base/random.ts';
import { elementCount, type Tensor } from '../base/tensor.ts';
import type { Graph } from '../graph/graph.ts';
import { weightedOps } from '../quantize/weighted-nodes.ts';

/** The graph with new weights; shapes stay. */
export function initializeWeights(graph: Graph, seed: number): Graph {
  const random = seededRandom(seed);
  const constants = new Map<string, Tensor>(graph.constants);
  const fill = (name: string | undefined, value: () => number): void => {
    if (name === undefined || name === '') return;
    const { shape } = constants.get(name)!;
    constants.set(name, { dtype: 'float32', shape, data: Float32Array.from({ length: elementCount(shape) }, value) });
  };
  for (const node of graph.nodes) {
    if (node.op === 'batch-normalization') {
      const [, scale, bias, mean, variance] = node.inputs;
      fill(scale, () => 1);
      fill(bias, () => 0);
      fill(mean, () => 0);
      fill(variance, () => 1);
    } else if (weightedOps.has(node.op)) {
      const name = node.inputs[node.op === 'gather' ? 0 : 1]!;
      const { shape } = constants.get(name)!;
      const fanIn = node.op === 'gather' ? shape[1]! : elementCount(shape) / shape[0]!;
      const deviation = Math.sqrt(2 / fanIn);
      fill(name, () => deviation * random.normal());
      if (node.op !== 'gather') fill(node.inputs[2], () => 0);
    }
  }
  return { ...graph, constants };
}
