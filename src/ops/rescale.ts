/** The same codes read on another scale, as models in operator form may: reals times a factor, and nothing to do for integers. */
import { inputShape, numberOf } from './common/attributes.ts';
import { mapFloat, numbersOf } from './common/float-data.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = {
  name: 'rescale',
  scaleTie: 'free',
  inferShapes: (node, inputs, constants) => [inputShape(node, 0, inputs, constants)],
  runFloat: (node, inputs) => {
    const [input, factor] = [numbersOf(inputs[0]), numberOf(node, 'factor')];
    return [mapFloat(inputs[0]!.shape, (index) => input[index] * factor)];
  },
  macs: () => 0,
  viewOf: () => true,
  lower: () => {},
};
