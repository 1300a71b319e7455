/**
 * Functions of one value: shape and float reference, and the 256-entry table that the profile's rule makes of them. Where a runtime has a
 * fixed-point form, the op gives it as `fixedPoint`; everything else dequantizes, applies the function and quantizes.
 */
import type { NumericProfile } from '../../arithmetic/profile.ts';
import type { Node } from '../../graph/graph.ts';
import type { ActivationQuantization } from '../../graph/quantization-plan.ts';
import type { OpDefinition, ScaleTie } from '../op-definition.ts';
import { inputShape } from './attributes.ts';
import { mapFloat, numbersOf } from './float-data.ts';
import { emitTable, floatCode } from './table.ts';

/**
 * Makes the code function of an op from its quantization; the result is clamped to the output's range afterwards. Undefined where the
 * runtime has no fixed-point form of it.
 */
export type CodeFunction = (
  node: Node,
  input: ActivationQuantization,
  output: ActivationQuantization,
  profile: NumericProfile,
) => ((code: number) => number) | undefined;

export interface UnaryFunction {
  readonly name: string;
  readonly real: (node: Node, value: number) => number;
  readonly fixedPoint?: CodeFunction;
  /** The output's scale under TensorFlow Lite's runtimes; free elsewhere. */
  readonly tfliteTie?: ScaleTie;
}

/** Whether the 8-bit arithmetic is TensorFlow Lite's, whichever of its rounding rules it uses. */
export function isTflite(profile: NumericProfile): boolean {
  return profile.requantize === 'double' || profile.requantize === 'single';
}

export function unaryOp({ name, real, fixedPoint, tfliteTie }: UnaryFunction): OpDefinition {
  return {
    name,
    scaleTie: (_, profile) => (isTflite(profile) ? (tfliteTie ?? 'free') : 'free'),
    inferShapes: (node, inputs, constants) => [inputShape(node, 0, inputs, constants)],
    runFloat: (node, inputs) => {
      const input = numbersOf(inputs[0]);
      return [mapFloat(inputs[0]!.shape, (index) => real(node, input[index]))];
    },
    macs: () => 0,
    lower: (node, context) => {
      const input = context.activation(node.inputs[0]);
      const output = context.activation(node.outputs[0]);
      const exact = fixedPoint?.(node, input, output, context.profile);
      const code = exact ?? floatCode(context.profile, input, output, (value) => real(node, value));
      emitTable(node, context, context.tensor(node.inputs[0]), context.tensor(node.outputs[0]), code);
    },
  };
}
