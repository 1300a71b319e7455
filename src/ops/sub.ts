/** Difference of two activations: the `add` kernel with its sign flipped. */

import { op as add } from './add.ts';
import { inferBroadcastShape, runFloatElementwise } from './common/elementwise.ts';
import { lowerSum } from './common/sum.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = {
  name: 'sub',
  scaleTie: add.scaleTie,
  inferShapes: inferBroadcastShape,
  runFloat: (node, inputs) => runFloatElementwise(node, inputs, (a, b) => a - b),
  macs: () => 0,
  lower: (node, context) => lowerSum(node, context, true),
};
