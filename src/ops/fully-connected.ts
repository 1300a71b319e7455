/** Dense layer: each row of the input times the constant weights [outputs, inputs]. ONNX Gemm, or MatMul with a constant right side. */
import type { FloatTensor, Shape, Tensor } from '../base/tensor.ts';
import { elementCount } from '../base/tensor.ts';
import type { Node, Value } from '../graph/graph.ts';
import { constant, i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { clampOf, graphShape, inputShapeOfRank, invalid } from './common/attributes.ts';
import { mapFloat, numbersOf } from './common/float-data.ts';
import { plainInput, plainOutput } from './common/layout.ts';
import { channelRequantizer, lowerWeighted, weightedBound } from './common/weighted.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const fullyConnectedKernel: KernelSpec = {
  name: 'fully-connected',
  opcode: 3,
  parameters: [
    i32('rows', 'Input rows, each multiplied by the same weights.'),
    i32('inputs', 'Length of an input row.'),
    i32('outputs', 'Length of an output row.'),
    i32('weightZeroPoint', 'Subtracted from each weight code; 0 for symmetric weights.'),
    i32('weightBits', '8, 4 or 2: how `weights` is packed (3-bit codes travel as 4).'),
    i32('inputZeroPoint', 'Zero point of the input.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
    i32('channelStep', '1: multiplier and shift per output channel; 0: one for all.'),
    constant('weights', 'Packed codes [outputs][inputs].'),
    constant('bias', 'int32 per output channel (int64 where the activations are int16); none: zeros.'),
    constant('multiplier', 'int32 per channel or one; meaning by rule.'),
    constant('shift', 'int32 per channel or one; positive is left.'),
  ],
};
export const op: OpDefinition = {
  name: 'fully-connected',
  kernel: fullyConnectedKernel,
  scaleTie: 'free',
  inferShapes,
  runFloat,
  macs: (node, graph) => {
    const [, inputs] = graphShape(graph, node.inputs[1]);
    return elementCount(graphShape(graph, node.outputs[0])) * inputs;
  },
  lower,
  runInteger,
  scratchBytes: (p) => 4 * p.inputs,
  accumulatorBound: (call, input) =>
    weightedBound(call, input, call.parameters.outputs, (index) => Math.floor(index / call.parameters.inputs)),
};

function inferShapes(node: Node, inputs: readonly Value[], constants: ReadonlyMap<string, Tensor>): Shape[] {
  const input = inputShapeOfRank(node, 0, inputs, constants, 1, 4);
  const [outputs, length] = inputShapeOfRank(node, 1, inputs, constants, 2);
  if (input[input.length - 1] !== length) {
    throw invalid(node, {
      message: 'the last axis of the input is not as long as a row of the weights',
      seen: `[${input.join(',')}]`,
      allowed: length,
    });
  }
  return [[...input.slice(0, -1), outputs]];
}

function runFloat(node: Node, inputs: readonly (Tensor | undefined)[]): FloatTensor[] {
  const [x, weight, bias] = inputs;
  const [input, weights] = [numbersOf(x), numbersOf(weight)];
  const [outputs, length] = weight!.shape;
  const shape = [...x!.shape.slice(0, -1), outputs];
  const value = (index: number): number => {
    const output = index % outputs;
    const row = Math.floor(index / outputs) * length;
    let sum = bias === undefined ? 0 : Number(bias.data[output]);
    for (let inner = 0; inner < length; inner++) sum += input[row + inner] * weights[output * length + inner];
    return sum;
  };
  return [mapFloat(shape, value, clampOf(node))];
}

function lower(node: Node, context: LowerContext): void {
  const [outputs, length] = graphShape(context.graph, node.inputs[1]);
  const { scaleProduct } = context.profile;
  const perChannel = context.weights(node).scales.length > 1;
  const input = plainInput(node, context, node.inputs[0]);
  const output = plainOutput(node, context, node.outputs[0]);
  context.emit({
    kernel: 'fully-connected',
    name: node.name,
    rule: context.rule.id,
    inputs: [input],
    output: output.index,
    parameters: {
      rows: elementCount(graphShape(context.graph, node.outputs[0])) / outputs,
      inputs: length,
      outputs,
      weightZeroPoint: 0,
      ...lowerWeighted(
        node,
        context,
        perChannel ? scaleProduct.fullyConnectedPerChannel : scaleProduct.fullyConnected,
        outputs,
        (codes) => codes,
      ),
    },
    macs: op.macs(node, context.graph),
  });
  output.finish();
}

function runInteger(call: IntegerCall): void {
  const { rows, inputs, outputs, weightZeroPoint, inputZeroPoint } = call.parameters;
  const weights = call.constant('weights') as Int8Array;
  const requantize = channelRequantizer(call);
  const [input] = call.inputs;
  for (let row = 0; row < rows; row++) {
    for (let output = 0; output < outputs; output++) {
      let accumulator = 0;
      for (let inner = 0; inner < inputs; inner++) {
        accumulator +=
          (input[row * inputs + inner] - inputZeroPoint) * (weights[output * inputs + inner] - weightZeroPoint);
      }
      call.output[row * outputs + output] = requantize(accumulator, output);
    }
  }
}
