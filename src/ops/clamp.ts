/** Relu, Relu6, Clip and every other standalone activation that only bounds its input; rewrites fuse most of them away. */

import type { OpDefinition } from './op-definition.ts';
import { op as requantize } from './requantize.ts';

/** Lowers to the `requantize` kernel, or its table, with narrower bounds. */
export const op: OpDefinition = {
  name: 'clamp',
  scaleTie: 'free',
  inferShapes: requantize.inferShapes,
  runFloat: requantize.runFloat,
  macs: () => 0,
  lower: requantize.lower,
};
