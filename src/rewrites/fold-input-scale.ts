/**
 * Folds a multiplication by per-channel constants into the convolution or dense layer after it. Zero padding stays zero, so this is
 * exact with padding too; an addition would not be, and stays a node of its own (normalization kept exact at padded borders).
 */
import { elementCount } from '../base/tensor.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { applyMatches, type Match, type Rewrite } from './edit-graph.ts';
import { scaleInput } from './weighted-node.ts';

export const foldInputScale: Rewrite = (graph) => applyMatches(graph, match);

const match: Match = (node, index, graph) => {
  const output = node.outputs[0]!;
  if (node.op !== 'mul' || (node.attributes.clamp ?? null) !== null || graph.outputs.includes(output)) return undefined;
  const constantAt = node.inputs.findIndex((input) => graph.constants.has(input));
  const readers = index.consumers(output);
  const reader = readers[0];
  if (constantAt < 0 || readers.length !== 1 || reader === undefined || reader.inputs[0] !== output) return undefined;
  if (reader.op !== 'conv' && reader.op !== 'depthwise-conv' && !(reader.op === 'fully-connected')) return undefined;
  const input = node.inputs[1 - constantAt]!;
  const scale = inputScale(graph, node, constantAt, reader);
  if (scale === undefined) return undefined;
  const folded = scaleInput(graph, reader, { scale, shift: scale.map(() => 0) }, input);
  return {
    replace: new Map([
      [node, []],
      [reader, [folded.node]],
    ]),
    constants: folded.constants,
  };
};

function inputScale(graph: Graph, node: Node, constantAt: number, reader: Node): Float64Array | undefined {
  const constant = graph.constants.get(node.inputs[constantAt]!)!;
  const shape = graph.values.get(node.outputs[0]!)!.shape;
  if (graph.values.get(node.inputs[1 - constantAt]!)?.shape.join() !== shape.join()) return undefined;
  const axis = reader.op === 'fully-connected' ? shape.length - 1 : 1;
  const padded = [...new Array<number>(Math.max(shape.length - constant.shape.length, 0)).fill(1), ...constant.shape];
  const size = padded[axis] ?? 1;
  if (padded.length !== shape.length || elementCount(padded) !== size) return undefined;
  return Float64Array.from({ length: shape[axis]! }, (_, channel) => Number(constant.data[size === 1 ? 0 : channel]!));
}
