/** Folds additions and multiplications by per-channel constants into the convolution or dense layer before them: the bias of MatMul + Add, scale layers, exported normalization steps. */
import { elementCount, type Shape } from '../base/tensor.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { applyMatches, type Match, type Rewrite } from './edit-graph.ts';
import { type ChannelAffine, isOpenWeighted, outputChannels, scaleOutput } from './weighted-node.ts';

export const foldChannelAffine: Rewrite = (graph) => applyMatches(graph, match);

const match: Match = (node, index, graph) => {
  if (node.op !== 'add' && node.op !== 'sub' && node.op !== 'mul') return undefined;
  const constantAt = node.inputs.findIndex((input) => graph.constants.has(input));
  const before = index.ownedProducer(node.inputs[1 - constantAt] ?? '');
  if (constantAt < 0 || !isOpenWeighted(before)) return undefined;
  const shape = graph.values.get(before.outputs[0]!)!.shape;
  if (graph.values.get(node.outputs[0]!)!.shape.join() !== shape.join()) return undefined;
  const channelAxis = before.op === 'fully-connected' ? shape.length - 1 : 1;
  const values = perChannel(graph, node.inputs[constantAt]!, shape.length, channelAxis, outputChannels(graph, before));
  if (values === undefined) return undefined;
  const folded = scaleOutput(graph, before, affineOf(node, constantAt, values), node.outputs[0]!);
  const replacement: Node = {
    ...folded.node,
    attributes: { ...folded.node.attributes, clamp: node.attributes.clamp ?? null },
  };
  return {
    replace: new Map([
      [before, [replacement]],
      [node, []],
    ]),
    constants: folded.constants,
  };
};

function affineOf(node: Node, constantAt: number, values: Float64Array): ChannelAffine {
  const ones = values.map(() => 1);
  const zeros = values.map(() => 0);
  if (node.op === 'mul') return { scale: values, shift: zeros };
  if (node.op === 'add') return { scale: ones, shift: values };
  const negated = (list: Float64Array): Float64Array => list.map((value) => -value);
  return constantAt === 1 ? { scale: ones, shift: negated(values) } : { scale: negated(ones), shift: values };
}

/** One value per channel where the constant differs along the channel axis only (or not at all). */
function perChannel(
  graph: Graph,
  name: string,
  rank: number,
  channelAxis: number,
  channels: number,
): Float64Array | undefined {
  const constant = graph.constants.get(name)!;
  const shape: Shape = [...new Array<number>(Math.max(rank - constant.shape.length, 0)).fill(1), ...constant.shape];
  const size = shape[channelAxis] ?? 1;
  if (shape.length !== rank || elementCount(shape) !== size || (size !== 1 && size !== channels)) return undefined;
  return Float64Array.from({ length: channels }, (_, channel) => Number(constant.data[size === 1 ? 0 : channel]!));
}
