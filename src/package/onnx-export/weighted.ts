/** Convolutions and dense layers as QLinearConv and QGemm. Weights of up to four bits are int4 initializers, widened by a Cast. */
import type { Tensor } from '../../base/tensor.ts';
import type { Node } from '../../graph/graph.ts';
import type { IntegerOperation } from '../../graph/integer-program.ts';
import { intVector, type OnnxAttribute } from '../../onnx/onnx-builder.ts';
import {
  activationOf,
  cannotExport,
  codesName,
  constantOf,
  type ExportContext,
  type NodeExporter,
  operationOf,
  scaleName,
  shapeOf,
  writeClamped,
  zeroPointName,
} from './export-context.ts';
import { qLinearScales } from './requantized-scales.ts';

/** int8 weights as an ONNX value of type int8. */
export function weightValue(
  context: ExportContext,
  name: string,
  shape: readonly number[],
  codes: Int8Array<ArrayBuffer>,
  bits: number,
): string {
  const { builder } = context;
  if (bits > 4) return builder.newConstant(name, { dtype: 'int8', shape, data: codes });
  const packed = builder.newConstant(`${name}/int4`, { dtype: 'int4', shape, data: codes });
  builder.node('Cast', [packed], [name], { name, attributes: { to: { int: 3 } } });
  return name;
}

/** Everything of a QLinearConv or QGemm between the weights and the output. */
export interface QLinearInputs {
  readonly operation: IntegerOperation;
  readonly input: string;
  readonly inputValue: string;
  readonly outputValue: string;
  readonly weights: string;
  readonly outputChannels: number;
  readonly weightScales?: ArrayLike<number>;
}

/** Scales and zero points of a node's two activations and its weights, and the int32 bias ('' for none). */
export function qLinearOperands(node: Node, context: ExportContext, of: QLinearInputs) {
  const { builder } = context;
  const { operation, inputValue, outputValue, outputChannels } = of;
  const words = {
    multiplier: constantOf(context, operation, 'multiplier') as Int32Array,
    shift: constantOf(context, operation, 'shift') as Int32Array,
  };
  const real = { input: activationOf(context, inputValue).scale, output: activationOf(context, outputValue).scale };
  const scales = qLinearScales(operation, words, real.input, real.output, of.weightScales);
  const named = (value: string, scale: number, role: string): string =>
    scale === activationOf(context, value).scale
      ? scaleName(context, value)
      : builder.newConstant(`${node.name}/${role}_scale`, {
          dtype: 'float32',
          shape: [],
          data: Float32Array.of(scale),
        });
  const perChannel = scales.weight.length > 1;
  const shape = perChannel ? [outputChannels] : [];
  const weightScale = builder.newConstant(`${node.name}/weight_scale`, {
    dtype: 'float32',
    shape,
    data: scales.weight,
  });
  const zeros: Tensor = { dtype: 'int8', shape, data: new Int8Array(perChannel ? outputChannels : 1) };
  const bias = constantOf(context, operation, 'bias');
  if (bias !== undefined && !(bias instanceof Int32Array)) throw cannotExport(node, 'its bias is wider than 32 bits');
  return {
    input: [of.input, named(inputValue, scales.input, 'input'), zeroPointName(context, inputValue)],
    weight: [of.weights, weightScale, builder.newConstant(`${node.name}/weight_zero_point`, zeros)],
    output: [named(outputValue, scales.output, 'output'), zeroPointName(context, outputValue)],
    bias:
      bias === undefined
        ? ''
        : builder.newConstant(`${node.name}/bias_quantized`, {
            dtype: 'int32',
            shape: [outputChannels],
            data: Int32Array.from(bias),
          }),
  };
}

export function emitQLinearConv(
  node: Node,
  context: ExportContext,
  of: QLinearInputs,
  output: string,
  attributes: Record<string, OnnxAttribute>,
  name: string,
): void {
  const { input, weight, output: result, bias } = qLinearOperands(node, context, of);
  const inputs = [...input, ...weight, ...result, ...(bias === '' ? [] : [bias])];
  context.builder.node('QLinearConv', inputs, [output], { name, attributes });
}

const ints = (node: Node, name: string): number[] => [...(node.attributes[name] as readonly number[])];

/** Window attributes; a rank 3 value has the width half of them. */
function convAttributes(node: Node, rank: number, groups: number): Record<string, OnnxAttribute> {
  const pads = ints(node, 'pads');
  const flat = (values: number[]): number[] => (rank === 3 ? values.slice(1) : values);
  return {
    strides: { ints: flat(ints(node, 'strides')) },
    dilations: { ints: flat(ints(node, 'dilations')) },
    pads: { ints: rank === 3 ? [pads[1]!, pads[3]!] : pads },
    group: { int: groups },
  };
}

export const exportConv: NodeExporter = (node, context) => {
  const operation = operationOf(context, node);
  const shape = shapeOf(context, node.inputs[0]!);
  const entry = context.plan.weights.get(node.name)!;
  const [outputChannels, perGroup, ...kernel] = shapeOf(context, node.inputs[1]!) as number[];
  const weightShape = [outputChannels!, perGroup!, ...(shape.length === 3 ? kernel.slice(1) : kernel)];
  const weights = weightValue(context, `${node.name}/weights`, weightShape, entry.codes, entry.bits);
  const groups = node.op === 'depthwise-conv' ? shape[1]! : ((node.attributes.groups ?? 1) as number);
  const of = {
    operation,
    input: codesName(context, node.inputs[0]!),
    inputValue: node.inputs[0]!,
    outputValue: node.outputs[0]!,
    weights,
    outputChannels: outputChannels!,
    weightScales: entry.scales,
  };
  const output = codesName(context, node.outputs[0]!);
  writeClamped(context, node, output, operation.parameters, (target) =>
    emitQLinearConv(node, context, of, target, convAttributes(node, shape.length, groups), node.name),
  );
};

/** QGemm takes matrices; the rows of a longer value are stacked for it. */
export const exportFullyConnected: NodeExporter = (node, context) => {
  const { builder } = context;
  const operation = operationOf(context, node, 'fully-connected');
  const shape = shapeOf(context, node.inputs[0]!);
  const entry = context.plan.weights.get(node.name)!;
  const [outputs, inputs] = shapeOf(context, node.inputs[1]!) as [number, number];
  const stacked = shape.length > 2;
  const codes = codesName(context, node.inputs[0]!);
  const output = codesName(context, node.outputs[0]!);
  if (stacked)
    builder.node(
      'Reshape',
      [codes, builder.newConstant(`${node.name}/rows`, intVector([-1, inputs]))],
      [`${output}/rows`],
      { name: `${node.name}/stack` },
    );
  const {
    input,
    weight,
    output: result,
    bias,
  } = qLinearOperands(node, context, {
    operation,
    input: stacked ? `${output}/rows` : codes,
    inputValue: node.inputs[0]!,
    outputValue: node.outputs[0]!,
    weights: weightValue(context, `${node.name}/weights`, [outputs, inputs], entry.codes, entry.bits),
    outputChannels: outputs,
    weightScales: entry.scales,
  });
  writeClamped(context, node, output, operation.parameters, (target) => {
    const product = stacked ? `${target}/product` : target;
    builder.node('QGemm', [...input, ...weight, bias, ...result], [product], {
      name: node.name,
      domain: 'com.microsoft',
      attributes: { transB: { int: 1 } },
    });
    if (!stacked) return;
    // -1 is the batch: the rows in between are known.
    const rows = [-1, ...shape.slice(1, -1), outputs];
    builder.node('Reshape', [product, builder.newConstant(`${node.name}/unrows`, intVector(rows))], [target], {
      name: `${node.name}/unstack`,
    });
  });
};
