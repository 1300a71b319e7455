/**
 * Folds batch normalization into the convolution or dense layer before it, else into the one after it where no padding is in
 * between (padding is zero after the normalization, which the folded weights would not see), else into a 1x1 depthwise convolution.
 */
import type { Tensor } from '../base/tensor.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { applyMatches, type GraphIndex, type Match, type Rewrite } from './edit-graph.ts';
import { type ChannelAffine, isOpenWeighted, scaleInput, scaleOutput } from './weighted-node.ts';

export const foldBatchNormalization: Rewrite = (graph) => applyMatches(graph, match);

const match: Match = (node, index, graph) => {
  if (node.op !== 'batch-normalization') return undefined;
  const affine = affineOf(node, graph);
  const before = index.ownedProducer(node.inputs[0]!);
  if (isOpenWeighted(before)) {
    const folded = scaleOutput(graph, before, affine, node.outputs[0]!);
    return {
      replace: new Map([
        [before, [folded.node]],
        [node, []],
      ]),
      constants: folded.constants,
    };
  }
  const after = soleReader(node, index, graph);
  if (after !== undefined && seesNoPadding(after)) {
    const folded = scaleInput(graph, after, affine, node.inputs[0]!);
    return {
      replace: new Map([
        [node, []],
        [after, [folded.node]],
      ]),
      constants: folded.constants,
    };
  }
  return asDepthwise(node, affine, graph);
};

/** gamma / sqrt(variance + epsilon) and what it leaves of mean and beta, in float64. */
function affineOf(node: Node, graph: Graph): ChannelAffine {
  const [gamma, beta, mean, variance] = node.inputs
    .slice(1)
    .map((name) => Float64Array.from(graph.constants.get(name)!.data as Float32Array)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const epsilon = node.attributes.epsilon as number;
  const scale = gamma.map((value, channel) => value / Math.sqrt(variance[channel]! + epsilon));
  return { scale, shift: beta.map((value, channel) => value - mean[channel]! * scale[channel]!) };
}

function soleReader(node: Node, index: GraphIndex, graph: Graph): Node | undefined {
  const output = node.outputs[0]!;
  const readers = index.consumers(output);
  const [reader] = readers;
  if (
    readers.length !== 1 ||
    graph.outputs.includes(output) ||
    reader!.inputs.filter((input) => input === output).length !== 1
  )
    return undefined;
  return reader;
}

/** Only then is every tap of every output a normalized value. */
function seesNoPadding(node: Node): boolean {
  if (node.op === 'fully-connected') return true;
  return (
    (node.op === 'conv' || node.op === 'depthwise-conv') &&
    (node.attributes.pads as readonly number[]).every((pad) => pad === 0)
  );
}

function asDepthwise(node: Node, affine: ChannelAffine, graph: Graph) {
  const { shape } = graph.values.get(node.outputs[0]!)!;
  const channels = affine.scale.length;
  const weight: Tensor = { dtype: 'float32', shape: [channels, 1, 1, 1], data: Float32Array.from(affine.scale) };
  const bias: Tensor = { dtype: 'float32', shape: [channels], data: Float32Array.from(affine.shift) };
  const [weightName, biasName] = [`${node.name}/weight`, `${node.name}/bias`];
  if (shape.length !== 3 && shape.length !== 4) return undefined;
  const depthwise: Node = {
    name: node.name,
    op: 'depthwise-conv',
    inputs: [node.inputs[0]!, weightName, biasName],
    outputs: node.outputs,
    attributes: { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], clamp: null },
  };
  return {
    replace: new Map([[node, [depthwise]]]),
    constants: [
      [weightName, weight],
      [biasName, bias],
    ] as const,
  };
}
