/**
 * A table of codes that a quantized model brings along: 256 codes, index = input code + 128. Both grids are the model's own and are
 * attributes of the node, so that it has a meaning in reals too.
 */
import { elementCount } from '../base/tensor.ts';
import type { Node } from '../graph/graph.ts';
import { inputShape, numberOf } from './common/attributes.ts';
import { mapFloat, numbersOf } from './common/float-data.ts';
import type { LowerContext, OpDefinition } from './op-definition.ts';

export const op: OpDefinition = {
  name: 'code-table',
  scaleTie: 'free',
  inferShapes: (node, inputs, constants) => [inputShape(node, 0, inputs, constants)],
  runFloat: (node, inputs) => {
    const [values, table] = [numbersOf(inputs[0]), numbersOf(inputs[1])];
    const [inputScale, inputZeroPoint] = [numberOf(node, 'inputScale'), numberOf(node, 'inputZeroPoint')];
    const [outputScale, outputZeroPoint] = [numberOf(node, 'outputScale'), numberOf(node, 'outputZeroPoint')];
    const codeOf = (value: number): number =>
      Math.min(Math.max(Math.round(value / inputScale) + inputZeroPoint, -128), 127);
    return [
      mapFloat(inputs[0]!.shape, (index) => (table[codeOf(values[index]) + 128] - outputZeroPoint) * outputScale),
    ];
  },
  macs: () => 0,
  lower,
};

function lower(node: Node, context: LowerContext): void {
  const output = context.tensor(node.outputs[0]);
  const codes = context.constant(node.inputs[1]).data as Int8Array;
  const { clampMin, clampMax } = context.clampOf(node.outputs[0], undefined);
  const data = codes.map((code) => Math.min(Math.max(code, clampMin), clampMax));
  context.emit({
    kernel: 'lookup',
    name: node.name,
    rule: context.rule.id,
    inputs: [context.tensor(node.inputs[0]).index],
    output: output.index,
    parameters: {
      elements: elementCount(output.tensor.shape),
      table: context.addConstant({ name: `${node.name}.table`, packing: 'int8', data }),
    },
    macs: 0,
  });
}
