/** Folds additions and multiplications by per-channel constants into the convolution or dense layer before them: the bias of MatMul + Add, scale layers, exported normalization steps. */
import { elementCount, type Shape } from '../base/tensor.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { applyMatches, type GraphIndex, type Match, type Rewrite } from './edit-graph.ts';
import { type ChannelAffine, isOpenWeighted, outputChannels, scaleOutput } from './weighted-node.ts';

export const foldChannelAffine: Rewrite = (graph) => applyMatches(graph, match);

const match: Match = (node, index, graph) => {
  const before = index.ownedProducer(valueOperand(node, graph) ?? '');
  if (!isOpenWeighted(before)) return undefined;
  const chain = affineChain(node, before, index, graph);
  const last = chain.at(-1);
  if (last === undefined) return undefined;
  const affine = chain.map((link) => link.affine).reduce(composed);
  const folded = scaleOutput(graph, before, affine, last.node.outputs[0]!);
  const replacement: Node = {
    ...folded.node,
    attributes: { ...folded.node.attributes, clamp: last.node.attributes.clamp ?? null },
  };
  const removed = chain.map((link): [Node, Node[]] => [link.node, []]);
  return { replace: new Map([[before, [replacement]], ...removed]), constants: folded.constants };
};

interface Link {
  readonly node: Node;
  readonly affine: ChannelAffine;
}

/** All affine steps that follow one another from `node` on; weights are scaled once for all of them. */
function affineChain(node: Node, before: Node, index: GraphIndex, graph: Graph): Link[] {
  const chain: Link[] = [];
  for (let next: Node | undefined = node; next !== undefined; next = followerOf(next, index, graph)) {
    const affine = affineOf(next, before, graph);
    if (affine === undefined) break;
    chain.push({ node: next, affine });
  }
  return chain;
}

/** The only reader of a node's value, where the value is no output and not clamped. */
function followerOf(node: Node, index: GraphIndex, graph: Graph): Node | undefined {
  const output = node.outputs[0]!;
  const readers = index.consumers(output);
  const open = (node.attributes.clamp ?? null) === null && !graph.outputs.includes(output);
  return open && readers.length === 1 && valueOperand(readers[0]!, graph) === output ? readers[0] : undefined;
}

/** The value that a sum or product with one constant operand reads. */
function valueOperand(node: Node, graph: Graph): string | undefined {
  if (node.op !== 'add' && node.op !== 'sub' && node.op !== 'mul') return undefined;
  const constantAt = node.inputs.findIndex((input) => graph.constants.has(input));
  return constantAt < 0 ? undefined : node.inputs[1 - constantAt];
}

function composed(first: ChannelAffine, second: ChannelAffine): ChannelAffine {
  return {
    scale: first.scale.map((scale, channel) => scale * second.scale[channel]!),
    shift: first.shift.map((shift, channel) => shift * second.scale[channel]! + second.shift[channel]!),
  };
}

/** What a node does to each output channel of the weighted node, if it treats channels apart and positions alike. */
function affineOf(node: Node, before: Node, graph: Graph): ChannelAffine | undefined {
  const shape = graph.values.get(before.outputs[0]!)!.shape;
  if (graph.values.get(node.outputs[0]!)!.shape.join() !== shape.join()) return undefined;
  const constantAt = node.inputs.findIndex((input) => graph.constants.has(input));
  const channelAxis = before.op === 'fully-connected' ? shape.length - 1 : 1;
  const values = perChannel(graph, node.inputs[constantAt]!, shape.length, channelAxis, outputChannels(graph, before));
  if (values === undefined) return undefined;
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
