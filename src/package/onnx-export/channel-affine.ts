/** Sums and products with a constant, which the program computes as a depthwise convolution of kernel 1: a QLinearConv over one spatial axis, between the reshapes that it takes. */
import { elementCount } from '../../base/tensor.ts';
import type { Node } from '../../graph/graph.ts';
import { graphPermutation, physicalPermutation } from '../../graph/physical-layout.ts';
import { intVector } from '../../onnx/onnx-builder.ts';
import { codesName, constantOf, type ExportContext, operationOf, shapeOf, writeClamped } from './export-context.ts';
import { emitQLinearConv } from './weighted.ts';

export function exportChannelAffine(node: Node, context: ExportContext): void {
  const { builder } = context;
  const operation = operationOf(context, node, 'depthwise-conv');
  const inputValue = node.inputs.find((name) => context.graph.values.has(name))!;
  const shape = shapeOf(context, inputValue);
  const channels = operation.parameters.outputChannels!;
  const codes = Int8Array.from(constantOf(context, operation, 'weights') as Int8Array);
  const weights = builder.newConstant(`${node.name}/weights`, { dtype: 'int8', shape: [channels, 1, 1], data: codes });
  const output = codesName(context, node.outputs[0]!);
  const steps = layoutSteps(node, context, shape, channels);
  const rows = steps.enter(codesName(context, inputValue));
  const of = { operation, input: rows, inputValue, outputValue: node.outputs[0]!, weights, outputChannels: channels };
  writeClamped(context, node, output, operation.parameters, (target) => {
    emitQLinearConv(node, context, of, `${target}/rows`, { group: { int: channels } }, node.name);
    steps.leave(`${target}/rows`, target);
  });
}

/** How a value becomes [N, channels, positions] and back. The constant repeats along the program's channels-last order. */
function layoutSteps(node: Node, context: ExportContext, shape: readonly number[], channels: number) {
  const { builder } = context;
  const reshape = (input: string, output: string, sizes: readonly number[], role: string): string => {
    builder.node('Reshape', [input, builder.newConstant(`${node.name}/${role}_shape`, intVector(sizes))], [output], {
      name: `${node.name}/${role}`,
    });
    return output;
  };
  const transpose = (input: string, output: string, perm: readonly number[], role: string): string => {
    builder.node('Transpose', [input], [output], {
      name: `${node.name}/${role}`,
      attributes: { perm: { ints: perm } },
    });
    return output;
  };
  const positions = elementCount(shape) / channels;
  const outShape = shapeOf(context, node.outputs[0]!);
  // One value for all, or one per channel of the graph's own layout: no element has to move.
  if (channels === 1 || (shape[1] === channels && positions === elementCount(shape.slice(2)))) {
    return {
      enter: (input: string) => reshape(input, `${node.name}/flat`, [-1, channels, positions], 'flatten'),
      leave: (input: string, output: string) => reshape(input, output, [-1, ...outShape.slice(1)], 'restore'),
    };
  }
  const physical = physicalPermutation(shape.length).map((axis) => shape[axis]!);
  return {
    enter: (input: string) => {
      const last = transpose(input, `${node.name}/last`, physicalPermutation(shape.length), 'channels_last');
      const flat = reshape(last, `${node.name}/flat`, [-1, positions, channels], 'flatten');
      return transpose(flat, `${node.name}/turned`, [0, 2, 1], 'turn');
    },
    leave: (input: string, output: string) => {
      const flat = transpose(input, `${node.name}/turned_back`, [0, 2, 1], 'turn_back');
      const last = reshape(flat, `${node.name}/last_back`, [-1, ...physical.slice(1)], 'restore');
      return transpose(last, output, graphPermutation(shape.length), 'channels_first');
    },
  };
}
