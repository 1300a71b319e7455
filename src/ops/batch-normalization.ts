/** Batch normalisation with constant statistics. It exists for import and folding; a rewrite folds it into a neighbour before lowering. */
import { elementCount } from '../base/tensor.ts';
import { inputShape, numberOf, unsupported } from './common/attributes.ts';
import { mapFloat, numbersOf } from './common/float-data.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = {
  name: 'batch-normalization',
  scaleTie: 'free',
  inferShapes: (node, inputs, constants) => [inputShape(node, 0, inputs, constants)],
  runFloat: (node, inputs) => {
    const [x, scale, bias, mean, variance] = inputs.map(numbersOf);
    const { shape } = inputs[0]!;
    const plane = elementCount(shape.slice(2));
    const epsilon = numberOf(node, 'epsilon');
    return [
      mapFloat(shape, (index) => {
        const channel = Math.floor(index / plane) % shape[1];
        return ((x[index] - mean[channel]) / Math.sqrt(variance[channel] + epsilon)) * scale[channel] + bias[channel];
      }),
    ];
  },
  macs: () => 0,
  lower: (node) => {
    throw unsupported(node, {
      message: 'batch normalisation could not be folded into a convolution or dense layer',
      next: 'Fold it in the training framework before export.',
    });
  },
};
