/**
 * Mean over all positions of each channel. TFLite's MEAN folds 1 / positions into the multiplier and removes the zero point, which differs
 * from its average pool; ONNX Runtime scales the int32 sum in float32.
 */
import { effectiveScale } from '../arithmetic/effective-scale.ts';
import { getRule } from '../arithmetic/registry.ts';
import type { EncodedScale } from '../arithmetic/rule.ts';
import { elementCount, type Shape } from '../base/tensor.ts';
import type { Node } from '../graph/graph.ts';
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { emitAveragePool } from './average-pool.ts';
import { clampOf, graphShape, inputShapeOfRank } from './common/attributes.ts';
import { mapFloat, numbersOf } from './common/float-data.ts';
import { elementwiseRule } from './common/rescale.ts';
import { asRank4 } from './common/window.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const globalAveragePoolKernel: KernelSpec = {
  name: 'global-average-pool',
  opcode: 8,
  parameters: [
    i32('positions', 'H * W.'),
    i32('channels', 'Channels of input and output.'),
    i32('inputZeroPoint', 'Zero point of the input.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('multiplier', 'Scalar; TFLite mean folds 1 / positions into it.'),
    i32('shift', 'Positive is left.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};

export const op: OpDefinition = {
  name: 'global-average-pool',
  kernel: globalAveragePoolKernel,
  scaleTie: (_, profile) =>
    profile.globalAveragePool === 'as-average-pool' && profile.averagePool.startsWith('integer') ? 'shared' : 'free',
  inferShapes: (node, inputs, constants) => [pooledShape(inputShapeOfRank(node, 0, inputs, constants, 3, 4))],
  runFloat: (node, inputs) => {
    const input = numbersOf(inputs[0]);
    const shape = inputs[0]!.shape;
    const positions = elementCount(shape.slice(2));
    const mean = (plane: number): number => {
      let sum = 0;
      for (let position = 0; position < positions; position++) sum += input[plane * positions + position];
      return sum / positions;
    };
    return [mapFloat(pooledShape(shape), mean, clampOf(node))];
  },
  macs: () => 0,
  lower,
  runInteger,
};

function pooledShape(shape: Shape): Shape {
  return [shape[0], shape[1], ...shape.slice(2).map(() => 1)];
}

function lower(node: Node, context: LowerContext): void {
  const shape = graphShape(context.graph, node.inputs[0]);
  const [, channels, height, width] = asRank4(shape);
  if (context.profile.globalAveragePool === 'as-average-pool') {
    const size = [height, width] as const;
    const unit = [1, 1] as const;
    const window = { channels, input: size, output: unit, kernel: size, strides: unit, dilations: unit };
    emitAveragePool(node, context, { ...window, padTop: 0, padLeft: 0 }, false);
    return;
  }
  const input = context.activation(node.inputs[0]);
  const output = context.activation(node.outputs[0]);
  const positions = height * width;
  const float = context.profile.globalAveragePool === 'float';
  const rule = float ? getRule('float32') : elementwiseRule(context);
  const encoded = float
    ? rule.encode(Math.fround(input.scale / Math.fround(output.scale * positions)))
    : foldCount(
        rule.encode(effectiveScale(context.profile.scaleProduct.requantize, input.scale, 1, output.scale)),
        positions,
      );
  context.emit({
    kernel: 'global-average-pool',
    name: node.name,
    rule: rule.id,
    inputs: [context.tensor(node.inputs[0]).index],
    output: context.tensor(node.outputs[0]).index,
    parameters: {
      positions,
      channels,
      inputZeroPoint: input.zeroPoint,
      outputZeroPoint: output.zeroPoint,
      ...encoded,
      ...context.clampOf(node.outputs[0], clampOf(node)),
    },
    macs: 0,
  });
}

/** TFLite QuantizedMeanOrSum: the multiplier shifted up as far as it goes, then divided by the count, truncating. */
export function foldCount({ multiplier, shift }: EncodedScale, count: number): EncodedScale {
  const up = Math.min(Math.floor(Math.log2(count)), 32, 31 + shift);
  return { multiplier: Number((BigInt(multiplier) << BigInt(up)) / BigInt(count)), shift: shift - up };
}

function runInteger(call: IntegerCall): void {
  const { positions, channels, inputZeroPoint, outputZeroPoint, multiplier, shift, clampMin, clampMax } =
    call.parameters;
  const [input] = call.inputs;
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    for (let position = 0; position < positions; position++) sum += input[position * channels + channel];
    const accumulator = (sum - inputZeroPoint * positions) | 0;
    call.output[channel] = call.rule.requantize(
      accumulator,
      { multiplier, shift },
      outputZeroPoint,
      clampMin,
      clampMax,
    );
  }
}
