/** Relu, Relu6, Clip and every other standalone activation that only bounds its input; rewrites fuse most of them away. */
import { clampOf } from './common/attributes.ts';
import { emitRescale } from './common/rescale.ts';
import { isTflite } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';
import { op as requantize } from './requantize.ts';

/** Lowers to the `requantize` kernel, or its table, with narrower bounds. TFLite divides the scales of a Relu in float32. */
export const op: OpDefinition = {
  name: 'clamp',
  scaleTie: 'free',
  inferShapes: requantize.inferShapes,
  runFloat: requantize.runFloat,
  macs: () => 0,
  lower: (node, context) => {
    const product = isTflite(context.profile) ? 'f32' : context.profile.scaleProduct.requantize;
    const [input, output] = [context.tensor(node.inputs[0]), context.tensor(node.outputs[0])];
    emitRescale(node, context, input, output, clampOf(node), product);
  },
};
