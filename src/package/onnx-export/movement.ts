/** Operators that only move codes: the same ONNX operators as for floats, on int8. Embeddings and nearest resizing are Gathers. */
import type { Node } from '../../graph/graph.ts';
import { intVector } from '../../onnx/onnx-builder.ts';
import { writeTable } from './elementwise.ts';
import {
  cannotExport,
  codesName,
  constantOf,
  type ExportContext,
  int8Scalar,
  type NodeExporter,
  operationOf,
  operationsOf,
  shapeOf,
  writeClamped,
} from './export-context.ts';
import { weightValue } from './weighted.ts';

const ints = (node: Node, name: string): number[] => [...(node.attributes[name] as readonly number[])];

function vector(context: ExportContext, node: Node, role: string, values: readonly number[]): string {
  return context.builder.newConstant(`${node.name}/${role}`, intVector(values));
}

/** The codes of inputs and outputs of a node that keeps them as they are. */
function names(node: Node, context: ExportContext): { inputs: string[]; outputs: string[] } {
  return {
    inputs: node.inputs.map((name) => codesName(context, name)),
    outputs: node.outputs.map((name) => codesName(context, name)),
  };
}

/** The same codes: only the scale that they are read on is another. */
export const exportRescale: NodeExporter = (node, context) => {
  const { inputs, outputs } = names(node, context);
  context.builder.node('Identity', inputs, outputs, { name: node.name });
};

export const exportReshape: NodeExporter = (node, context) => {
  const { inputs, outputs } = names(node, context);
  const target = vector(context, node, 'shape', [0, ...ints(node, 'shape').slice(1)]);
  context.builder.node('Reshape', [inputs[0]!, target], outputs, { name: node.name });
};

export const exportTranspose: NodeExporter = (node, context) => {
  const { inputs, outputs } = names(node, context);
  context.builder.node('Transpose', inputs, outputs, {
    name: node.name,
    attributes: { perm: { ints: ints(node, 'permutation') } },
  });
};

export const exportConcat: NodeExporter = (node, context) => {
  const { inputs, outputs } = names(node, context);
  context.builder.node('Concat', inputs, outputs, {
    name: node.name,
    attributes: { axis: { int: node.attributes.axis as number } },
  });
};

export const exportSplit: NodeExporter = (node, context) => {
  const { inputs, outputs } = names(node, context);
  const sizes = vector(context, node, 'sizes', ints(node, 'sizes'));
  context.builder.node('Split', [inputs[0]!, sizes], outputs, {
    name: node.name,
    attributes: { axis: { int: node.attributes.axis as number } },
  });
};

export const exportSlice: NodeExporter = (node, context) => {
  const { inputs, outputs } = names(node, context);
  const [begin, end, step] = ['begin', 'end', 'step'].map((name) => ints(node, name).slice(1)) as [
    number[],
    number[],
    number[],
  ];
  const axes = begin.map((_, index) => index + 1);
  const lists = [
    vector(context, node, 'begin', begin),
    vector(context, node, 'end', end),
    vector(context, node, 'axes', axes),
    vector(context, node, 'step', step),
  ];
  context.builder.node('Slice', [inputs[0]!, ...lists], outputs, { name: node.name });
};

export const exportPad: NodeExporter = (node, context) => {
  const { inputs, outputs } = names(node, context);
  const pads = vector(context, node, 'pads', [...ints(node, 'before'), ...ints(node, 'after')]);
  const border = context.builder.newConstant(
    `${node.name}/value`,
    int8Scalar(operationOf(context, node).parameters.value!),
  );
  context.builder.node('Pad', [inputs[0]!, pads, border], outputs, { name: node.name });
};

/** Rows, then columns, picked by the tables that the program holds. */
export const exportResize: NodeExporter = (node, context) => {
  const { builder } = context;
  const operation = operationOf(context, node);
  if (operation.parameters.mode !== 0)
    throw cannotExport(node, 'bilinear resizing, whose integer weights ONNX does not have');
  const { inputs, outputs } = names(node, context);
  const indices = (parameter: string): string =>
    vector(context, node, parameter, [...(constantOf(context, operation, parameter) as Int32Array)]);
  builder.node('Gather', [inputs[0]!, indices('rowIndex')], [`${node.name}/rows`], {
    name: `${node.name}/rows`,
    attributes: { axis: { int: 2 } },
  });
  writeClamped(context, node, outputs[0]!, operation.parameters, (target) =>
    builder.node('Gather', [`${node.name}/rows`, indices('columnIndex')], [target], {
      name: node.name,
      attributes: { axis: { int: 3 } },
    }),
  );
};

/** The rows of the table keep its scale; a second operation moves them to the output's. */
export const exportGather: NodeExporter = (node, context) => {
  const { builder } = context;
  const entry = context.plan.weights.get(node.name)!;
  const table = weightValue(context, `${node.name}/table`, shapeOf(context, node.inputs[0]!), entry.codes, entry.bits);
  const output = codesName(context, node.outputs[0]!);
  const lookup = operationsOf(context, node).find(({ kernel }) => kernel === 'lookup');
  if (operationsOf(context, node).some(({ kernel }) => kernel === 'requantize'))
    throw cannotExport(node, 'an embedding that is rescaled by fixed point');
  const rows = lookup === undefined ? output : `${node.name}.codes`;
  builder.node('Gather', [table, codesName(context, node.inputs[1]!)], [rows], {
    name: lookup === undefined ? node.name : `${node.name}/rows`,
    attributes: { axis: { int: 0 } },
  });
  if (lookup === undefined) return;
  context.internals.set(`${node.name}.codes`, { value: rows, shape: shapeOf(context, node.outputs[0]!) });
  writeTable(node, context, lookup, rows, output);
};

export const exportArgMax: NodeExporter = (node, context) => {
  const { inputs, outputs } = names(node, context);
  const attributes = {
    axis: { int: node.attributes.axis as number },
    keepdims: { int: node.attributes.keepDims === true ? 1 : 0 },
  };
  context.builder.node('ArgMax', inputs, outputs, { name: node.name, attributes });
};
