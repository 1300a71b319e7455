/** Pools on codes. The global average is a depthwise QLinearConv with weights of 1: its sum is exact and its rounding is the same on every CPU, which QLinearGlobalAveragePool's is not. */
import type { Node } from '../../graph/graph.ts';
import type { OnnxAttribute } from '../../onnx/onnx-builder.ts';
import {
  activationOf,
  cannotExport,
  codesName,
  type ExportContext,
  type NodeExporter,
  operationOf,
  scaleName,
  shapeOf,
  writeClamped,
  zeroPointName,
} from './export-context.ts';
import { qLinearScales } from './requantized-scales.ts';

function windowAttributes(node: Node, rank: number): Record<string, OnnxAttribute> {
  const list = (name: string): number[] => {
    const values = node.attributes[name] as readonly number[];
    return rank === 3 ? values.slice(1) : [...values];
  };
  const pads = node.attributes.pads as readonly number[];
  return {
    kernel_shape: { ints: list('kernel') },
    strides: { ints: list('strides') },
    pads: { ints: rank === 3 ? [pads[1]!, pads[3]!] : [...pads] },
  };
}

export const exportMaxPool: NodeExporter = (node, context) => {
  const operation = operationOf(context, node);
  const rank = shapeOf(context, node.inputs[0]!).length;
  const dilations = node.attributes.dilations as readonly number[];
  const attributes = {
    ...windowAttributes(node, rank),
    dilations: { ints: rank === 3 ? dilations.slice(1) : [...dilations] },
  };
  writeClamped(context, node, codesName(context, node.outputs[0]!), operation.parameters, (target) =>
    context.builder.node('MaxPool', [codesName(context, node.inputs[0]!)], [target], { name: node.name, attributes }),
  );
};

export const exportAveragePool: NodeExporter = (node, context) => {
  const operation = operationOf(context, node);
  const rank = shapeOf(context, node.inputs[0]!).length;
  if ((node.attributes.dilations as readonly number[]).some((step) => step !== 1))
    throw cannotExport(node, 'an average pool with dilations');
  const attributes = {
    ...windowAttributes(node, rank),
    count_include_pad: { int: node.attributes.countIncludePad === true ? 1 : 0 },
  };
  writeClamped(context, node, codesName(context, node.outputs[0]!), operation.parameters, (target) =>
    context.builder.node(
      'QLinearAveragePool',
      [codesName(context, node.inputs[0]!), ...border(context, node)],
      [target],
      { name: node.name, domain: 'com.microsoft', attributes },
    ),
  );
};

/** Scale and zero point of input and output. */
function border(context: ExportContext, node: Node): string[] {
  return [node.inputs[0]!, node.outputs[0]!].flatMap((value) => [
    scaleName(context, value),
    zeroPointName(context, value),
  ]);
}

export const exportGlobalAveragePool: NodeExporter = (node, context) => {
  const { builder } = context;
  const operation = operationOf(context, node);
  const [inputValue, outputValue] = [node.inputs[0]!, node.outputs[0]!];
  const [, channels, ...spatial] = shapeOf(context, inputValue) as number[];
  const positions = spatial.reduce((product, size) => product * size, 1);
  const { multiplier, shift } = operation.parameters;
  const share = Float32Array.of(1 / positions);
  const words = { multiplier: [multiplier ?? 0], shift: [shift ?? 0] };
  const real = { input: activationOf(context, inputValue).scale, output: activationOf(context, outputValue).scale };
  const scales =
    operation.kernel === 'global-average-pool'
      ? qLinearScales(operation, words, real.input, real.output, share)
      : { ...real, weight: share };
  const named = (value: string, scale: number, role: string): string =>
    scale === activationOf(context, value).scale
      ? scaleName(context, value)
      : builder.newConstant(`${node.name}/${role}_scale`, {
          dtype: 'float32',
          shape: [],
          data: Float32Array.of(scale),
        });
  const ones = builder.newConstant(`${node.name}/ones`, {
    dtype: 'int8',
    shape: [channels!, 1, ...spatial],
    data: new Int8Array(channels! * positions).fill(1),
  });
  const weight = [
    ones,
    builder.newConstant(`${node.name}/weight_scale`, { dtype: 'float32', shape: [], data: scales.weight }),
    builder.newConstant(`${node.name}/weight_zero_point`, { dtype: 'int8', shape: [], data: Int8Array.of(0) }),
  ];
  const inputs = [
    codesName(context, inputValue),
    named(inputValue, scales.input, 'input'),
    zeroPointName(context, inputValue),
    ...weight,
    named(outputValue, scales.output, 'output'),
    zeroPointName(context, outputValue),
  ];
  writeClamped(context, node, codesName(context, outputValue), operation.parameters, (target) =>
    builder.node('QLinearConv', inputs, [target], { name: node.name, attributes: { group: { int: channels! } } }),
  );
};
