/** Batch normalisation with constant statistics. A rewrite folds most of them; one that stays becomes a per-channel multiply and add. */
import { elementCount, type Tensor } from '../base/tensor.ts';
import type { Node } from '../graph/graph.ts';
import { inputShape, numberOf } from './common/attributes.ts';
import { emitChannelAffine } from './common/channel-affine.ts';
import { mapFloat, numbersOf } from './common/float-data.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = {
  name: 'batch-normalization',
  scaleTie: 'free',
  inferShapes: (node, inputs, constants) => [inputShape(node, 0, inputs, constants)],
  runFloat: (node, inputs) => {
    const x = numbersOf(inputs[0]);
    const { shape } = inputs[0]!;
    const plane = elementCount(shape.slice(2));
    const { factors, offsets } = affineOf(node, inputs.slice(1));
    return [
      mapFloat(shape, (index) => {
        const channel = Math.floor(index / plane) % shape[1];
        return x[index] * factors[channel] + offsets[channel];
      }),
    ];
  },
  macs: () => 0,
  lower: (node, context) => {
    const statistics = node.inputs.slice(1).map((name) => context.constant(name));
    emitChannelAffine(node, context, { input: node.inputs[0], ...affineOf(node, statistics) });
  },
};

/** (x - mean) / sqrt(variance + epsilon) * scale + bias as factor * x + offset, per channel. */
function affineOf(node: Node, statistics: readonly (Tensor | undefined)[]): { factors: number[]; offsets: number[] } {
  const [scale, bias, mean, variance] = statistics.map(numbersOf);
  const epsilon = numberOf(node, 'epsilon');
  const factors = Array.from(scale, (value, channel) => value / Math.sqrt(variance[channel] + epsilon));
  return { factors, offsets: factors.map((factor, channel) => bias[channel] - mean[channel] * factor) };
}
