/** Nodes with weights as per-channel affine maps: what folding needs to scale their output channels and move their bias. */
import { elementCount, type Tensor } from '../base/tensor.ts';
import type { Graph, Node } from '../graph/graph.ts';

const weightedOps = new Set(['conv', 'depthwise-conv', 'conv-transpose', 'fully-connected']);

/** True for a node with constant weights [outputs, ...] in input 1 and no activation of its own. */
export function isOpenWeighted(node: Node | undefined): node is Node {
  return node !== undefined && weightedOps.has(node.op) && (node.attributes.clamp ?? null) === null;
}

export function outputChannels(graph: Graph, node: Node): number {
  return graph.constants.get(node.inputs[1]!)!.shape[0]!;
}

/** y = scale[c] * x + shift[c] */
export interface ChannelAffine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** The node that computes `affine` of what `node` computes, under the output name `output`, and its new constants. */
export function scaleOutput(
  graph: Graph,
  node: Node,
  affine: ChannelAffine,
  output: string,
): { node: Node; constants: [string, Tensor][] } {
  const weight = graph.constants.get(node.inputs[1]!)!;
  const bias = graph.constants.get(node.inputs[2] ?? '');
  const channels = weight.shape[0]!;
  const inner = elementCount(weight.shape) / channels;
  const scaled = new Float32Array(weight.data.length);
  for (let index = 0; index < scaled.length; index++)
    scaled[index] = Number(weight.data[index]!) * affine.scale[Math.floor(index / inner)]!;
  const moved = Float32Array.from(
    { length: channels },
    (_, channel) => Number(bias?.data[channel] ?? 0) * affine.scale[channel]! + affine.shift[channel]!,
  );
  const weightName = `${node.name}/weight/${output}`;
  const biasName = `${node.name}/bias/${output}`;
  return {
    node: { ...node, inputs: [node.inputs[0]!, weightName, biasName], outputs: [output] },
    constants: [
      [weightName, { dtype: 'float32', shape: weight.shape, data: scaled }],
      [biasName, { dtype: 'float32', shape: [channels], data: moved }],
    ],
  };
}

/** The node with input channel c of its weights multiplied by `scale[c]` and reading `input`; `bias[o]` grows by the response to `shift`. */
export function scaleInput(
  graph: Graph,
  node: Node,
  affine: ChannelAffine,
  input: string,
): { node: Node; constants: [string, Tensor][] } {
  const weight = graph.constants.get(node.inputs[1]!)!;
  const bias = graph.constants.get(node.inputs[2] ?? '');
  const [outputs, perGroup] = weight.shape as [number, number];
  const kernel = elementCount(weight.shape.slice(2));
  const groups = affine.scale.length / perGroup;
  const scaled = new Float32Array(weight.data.length);
  const moved = new Float64Array(outputs);
  for (let index = 0; index < scaled.length; index++) {
    const output = Math.floor(index / (perGroup * kernel));
    const channel = Math.floor((output * groups) / outputs) * perGroup + (Math.floor(index / kernel) % perGroup);
    const value = Number(weight.data[index]!);
    scaled[index] = value * affine.scale[channel]!;
    moved[output]! += value * affine.shift[channel]!;
  }
  const weightName = `${node.name}/weight/${input}`;
  const biasName = `${node.name}/bias/${input}`;
  const data = Float32Array.from(moved, (value, output) => value + Number(bias?.data[output] ?? 0));
  return {
    node: { ...node, inputs: [input, weightName, biasName] },
    constants: [
      [weightName, { dtype: 'float32', shape: weight.shape, data: scaled }],
      [biasName, { dtype: 'float32', shape: [outputs], data }],
    ],
  };
}
