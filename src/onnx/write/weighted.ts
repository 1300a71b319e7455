/** Writers of the operators with weights: Conv, ConvTranspose, Gemm, MatMul, Gather, BatchNormalization. */
import { elementCount, type Shape, type Tensor, transposeTensor } from '../../base/tensor.ts';
import type { Node } from '../../graph/graph.ts';
import type { OnnxAttribute } from '../onnx-builder.ts';
import type { NodeWriter, WriteContext } from './node-writer.ts';

export function ints(node: Node, name: string): number[] {
  return [...(node.attributes[name] as readonly number[])];
}

/** Window attributes; of a rank 3 value only the width half is written. */
export function windowAttributes(node: Node, rank: number): Record<string, OnnxAttribute> {
  const pads = ints(node, 'pads');
  const flat = (values: number[]): number[] => (rank === 3 ? values.slice(1) : values);
  return {
    strides: { ints: flat(ints(node, 'strides')) },
    dilations: { ints: flat(ints(node, 'dilations')) },
    pads: { ints: rank === 3 ? [pads[1]!, pads[3]!] : pads },
  };
}

export function inputShape(node: Node, context: WriteContext, index = 0): Shape {
  const name = node.inputs[index]!;
  return (context.graph.values.get(name) ?? context.graph.constants.get(name)!).shape;
}

/** A constant under a new shape: itself where the shape is its own. */
function reshaped(context: WriteContext, name: string, shape: Shape): string {
  const tensor = context.graph.constants.get(name)!;
  if (tensor.shape.join() === shape.join()) return name;
  return context.builder.newConstant(`${name}/written`, { ...tensor, shape });
}

export const writeConv: NodeWriter = (node, outputs, context) => {
  const rank = inputShape(node, context).length;
  const [output, perGroup, ...kernel] = inputShape(node, context, 1) as number[];
  const groups =
    node.op === 'depthwise-conv' ? inputShape(node, context)[1]! : ((node.attributes.groups ?? 1) as number);
  const weight = reshaped(context, node.inputs[1]!, [output!, perGroup!, ...(rank === 3 ? kernel.slice(1) : kernel)]);
  const attributes = { ...windowAttributes(node, rank), group: { int: groups } };
  context.builder.node('Conv', [node.inputs[0]!, weight, ...node.inputs.slice(2)], outputs, {
    name: node.name,
    attributes,
  });
};

export const writeConvTranspose: NodeWriter = (node, outputs, context) => {
  const rank = inputShape(node, context).length;
  const groups = (node.attributes.groups ?? 1) as number;
  const extra = ints(node, 'outputPadding');
  const weight = context.builder.newConstant(
    `${node.inputs[1]}/written`,
    turnedBack(context.graph.constants.get(node.inputs[1]!)!, groups, rank),
  );
  const attributes = {
    ...windowAttributes(node, rank),
    group: { int: groups },
    output_padding: { ints: rank === 3 ? extra.slice(1) : extra },
  };
  context.builder.node('ConvTranspose', [node.inputs[0]!, weight, ...node.inputs.slice(2)], outputs, {
    name: node.name,
    attributes,
  });
};

/** [groups * o, i, ...kernel] to ONNX's [groups * i, o, ...kernel]. */
function turnedBack(weight: Tensor, groups: number, rank: number): Tensor {
  const [outputs, inputs, ...kernel] = weight.shape as number[];
  const perGroup = { ...weight, shape: [groups, outputs! / groups, inputs!, elementCount(kernel)] };
  const shape = [groups * inputs!, outputs! / groups, ...(rank === 3 ? kernel.slice(1) : kernel)];
  return { ...transposeTensor(perGroup, [0, 2, 1, 3]), shape };
}

/** Gemm takes matrices only; higher ranks become MatMul and Add. */
export const writeFullyConnected: NodeWriter = (node, outputs, context) => {
  const { builder, graph } = context;
  const [input, weight, bias] = node.inputs as [string, string, string | undefined];
  if (inputShape(node, context).length === 2) {
    builder.node(
      'Gemm',
      node.inputs.filter((name) => name !== ''),
      outputs,
      { name: node.name, attributes: { transB: { int: 1 } } },
    );
    return;
  }
  const turned = builder.newConstant(`${weight}/written`, transposeTensor(graph.constants.get(weight)!, [1, 0]));
  const biased = bias !== undefined && bias !== '';
  const product = biased ? `${outputs[0]}/product` : outputs[0]!;
  builder.node('MatMul', [input, turned], [product], { name: biased ? `${node.name}/product` : node.name });
  if (biased) builder.node('Add', [product, bias], outputs, { name: node.name });
};

export const writeGather: NodeWriter = (node, outputs, { builder }) => {
  builder.node('Gather', node.inputs, outputs, { name: node.name, attributes: { axis: { int: 0 } } });
};

export const writeBatchNormalization: NodeWriter = (node, outputs, { builder }) => {
  const attributes = { epsilon: { float: node.attributes.epsilon as number } };
  builder.node('BatchNormalization', node.inputs, outputs, { name: node.name, attributes });
};
