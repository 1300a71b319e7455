/**
 * Sums and products of two values, tables, rescaling, PRelu and the product of two matrices. Sums and products are float between
 * DequantizeLinear and QuantizeLinear, because QLinearAdd and QLinearMul differ between CPUs.
 */
import { floatFromBits, roundHalfAway } from '../../arithmetic/rounding.ts';
import type { Node } from '../../graph/graph.ts';
import type { IntegerOperation } from '../../graph/integer-program.ts';
import { floatScalar } from '../../onnx/onnx-builder.ts';
import { exportChannelAffine } from './channel-affine.ts';
import {
  activationOf,
  cannotExport,
  codesName,
  constantOf,
  type ExportContext,
  type NodeExporter,
  operationOf,
  operationsOf,
  scaleName,
  writeClamped,
  zeroPointName,
} from './export-context.ts';
import { qLinearScales } from './requantized-scales.ts';

const opTypes: Readonly<Record<string, string>> = { add: 'Add', sub: 'Sub', mul: 'Mul' };

export function dequantize(context: ExportContext, node: Node, value: string, name: string): string {
  context.builder.node(
    'DequantizeLinear',
    [codesName(context, value), scaleName(context, value), zeroPointName(context, value)],
    [name],
    { name: `${node.name}/${name}` },
  );
  return name;
}

/**
 * QuantizeLinear after a Max with the lowest float, which changes nothing: without it ONNX Runtime's optimiser would fuse the group
 * into an operator of other rounding.
 */
export function quantize(context: ExportContext, node: Node, input: string, value: string, target: string): void {
  const { builder } = context;
  const lowest = builder.constant('lowest_float', floatScalar(-3.4028234663852886e38));
  builder.node('Max', [input, lowest], [`${input}/kept`], { name: `${node.name}/keep_apart` });
  builder.node(
    'QuantizeLinear',
    [`${input}/kept`, scaleName(context, value), zeroPointName(context, value)],
    [target],
    { name: `${node.name}/quantize` },
  );
}

export const exportElementwise: NodeExporter = (node, context) => {
  const operation = operationOf(context, node);
  if (operation.kernel === 'depthwise-conv') {
    exportChannelAffine(node, context);
    return;
  }
  const output = codesName(context, node.outputs[0]!);
  writeClamped(context, node, output, operation.parameters, (target) => {
    const sides = node.inputs.map((input, index) => dequantize(context, node, input, `${node.name}/real${index}`));
    context.builder.node(opTypes[node.op]!, sides, [`${node.name}/real`], { name: node.name });
    quantize(context, node, `${node.name}/real`, node.outputs[0]!, target);
  });
};

/** Clamp, rescaling and functions of one value: a table of codes, or under other rules a plain dequantize and quantize. */
export const exportUnary: NodeExporter = (node, context) => {
  const operation = operationOf(context, node);
  const [input, output] = [codesName(context, node.inputs[0]!), codesName(context, node.outputs[0]!)];
  if (operation.kernel === 'lookup') {
    writeTable(node, context, operation, input, output);
    return;
  }
  if (operation.kernel !== 'requantize') throw cannotExport(node, `kernel ${operation.kernel}`);
  writeClamped(context, node, output, operation.parameters, (target) => {
    const real = dequantize(context, node, node.inputs[0]!, `${node.name}/real`);
    quantize(context, node, real, node.outputs[0]!, target);
  });
};

/** Gather counts negative indices from the end, so the entries of codes 0 to 127 come first and those of -128 to -1 after them. */
export function writeTable(
  node: Node,
  context: ExportContext,
  operation: IntegerOperation,
  input: string,
  output: string,
): void {
  const { builder } = context;
  const entries = constantOf(context, operation, 'table') as Int8Array;
  const table = Int8Array.from([...entries.subarray(128), ...entries.subarray(0, 128)]);
  builder.node('Cast', [input], [`${output}/index`], { name: `${node.name}/index`, attributes: { to: { int: 6 } } });
  builder.node(
    'Gather',
    [builder.newConstant(`${node.name}/codes_table`, { dtype: 'int8', shape: [256], data: table }), `${output}/index`],
    [output],
    { name: node.name, attributes: { axis: { int: 0 } } },
  );
}

export const exportSoftmax: NodeExporter = (node, context) => {
  const real = dequantize(context, node, node.inputs[0]!, `${node.name}/real`);
  context.builder.node('Softmax', [real], [`${node.name}/softmax`], {
    name: node.name,
    attributes: { axis: { int: node.attributes.axis as number } },
  });
  quantize(context, node, `${node.name}/softmax`, node.outputs[0]!, codesName(context, node.outputs[0]!));
};

/** Slopes are dequantized here, in the constant's own layout, as the program's codes of them would be. */
export const exportPrelu: NodeExporter = (node, context) => {
  const operation = operationOf(context, node);
  const constant = context.graph.constants.get(node.inputs[1]!)!;
  const slopes = Float32Array.from(constant.data as Float32Array);
  const scale = operation.rule === 'float32' ? floatFromBits(operation.parameters.negativeMultiplier!) : Number.NaN;
  const coded = slopes.map((slope) => Math.min(Math.max(roundHalfAway(slope / scale), -127), 127) * scale);
  const data = Number.isNaN(scale) ? slopes : coded;
  writeClamped(context, node, codesName(context, node.outputs[0]!), operation.parameters, (target) => {
    const real = dequantize(context, node, node.inputs[0]!, `${node.name}/real`);
    const slope = context.builder.newConstant(`${node.name}/slope`, { dtype: 'float32', shape: constant.shape, data });
    context.builder.node('PRelu', [real, slope], [`${node.name}/sloped`], { name: node.name });
    quantize(context, node, `${node.name}/sloped`, node.outputs[0]!, target);
  });
};

export const exportMatMul: NodeExporter = (node, context) => {
  const { builder } = context;
  const operation = operationsOf(context, node).find(({ kernel }) => kernel === 'mat-mul')!;
  const [a, b, y] = [node.inputs[0]!, node.inputs[1]!, node.outputs[0]!];
  const words = { multiplier: [operation.parameters.multiplier!], shift: [operation.parameters.shift!] };
  const scales = qLinearScales(operation, words, activationOf(context, a).scale, activationOf(context, y).scale, [
    activationOf(context, b).scale,
  ]);
  const scalar = (role: string, scale: number): string =>
    builder.newConstant(`${node.name}/${role}_scale`, floatScalar(scale));
  const inputs = [
    ...[codesName(context, a), scalar('left', scales.input), zeroPointName(context, a)],
    ...[codesName(context, b), scalar('right', scales.weight[0]!), zeroPointName(context, b)],
    ...[scalar('output', scales.output), zeroPointName(context, y)],
  ];
  writeClamped(context, node, codesName(context, y), operation.parameters, (target) =>
    builder.node('QLinearMatMul', inputs, [target], { name: node.name }),
  );
};
