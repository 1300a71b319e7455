/**
 * Functions of one value: shape and float reference, and the 256-entry table that the profile's rule makes of them. Where a runtime has a
 * fixed-point form, the op gives it as `fixedPoint`; everything else dequantizes, applies the function and quantizes.
 */
import { roundBy } from '../../arithmetic/effective-scale.ts';
import type { NumericProfile, Rounding } from '../../arithmetic/profile.ts';
import type { Node } from '../../graph/graph.ts';
import type { ActivationQuantization } from '../../graph/quantization-plan.ts';
import type { LowerContext, OpDefinition, ScaleTie } from '../op-definition.ts';
import { inputShape, profileLacks } from './attributes.ts';
import { mapFloat, numbersOf } from './float-data.ts';

/**
 * Makes the code function of an op from its quantization; the result is clamped to the output's range afterwards. Undefined where the
 * runtime has no fixed-point form for this quantization.
 */
export type CodeFunction = (
  node: Node,
  input: ActivationQuantization,
  output: ActivationQuantization,
) => ((code: number) => number) | undefined;

export interface UnaryFunction {
  readonly name: string;
  readonly real: (node: Node, value: number) => number;
  readonly fixedPoint?: CodeFunction;
  /** The output's scale under profiles with fixed-point tables; free elsewhere. */
  readonly fixedPointTie?: ScaleTie;
}

export function unaryOp({ name, real, fixedPoint, fixedPointTie }: UnaryFunction): OpDefinition {
  return {
    name,
    scaleTie: (_, profile) => (profile.table === 'fixed-point' ? (fixedPointTie ?? 'free') : 'free'),
    inferShapes: (node, inputs, constants) => [inputShape(node, 0, inputs, constants)],
    runFloat: (node, inputs) => {
      const input = numbersOf(inputs[0]);
      return [mapFloat(inputs[0]!.shape, (index) => real(node, input[index]))];
    },
    macs: () => 0,
    lower: (node, context) => {
      const input = context.activation(node.inputs[0]);
      const output = context.activation(node.outputs[0]);
      const exact = context.profile.table === 'fixed-point' ? fixedPoint?.(node, input, output) : undefined;
      emitTable(node, context, exact ?? floatCode(context.profile, input, output, (value) => real(node, value)));
    },
  };
}

const tableRounding: Readonly<Record<NumericProfile['table'], Rounding>> = {
  'fixed-point': 'half-away',
  'float-half-away': 'half-away',
  'float-half-even': 'half-even',
  'float-half-up': 'half-up',
};

/** x = f32(scale * (q - zeroPoint)); y = f32(function(x)); code = round(f32(y / scale)) + zeroPoint. */
export function floatCode(
  profile: NumericProfile,
  input: ActivationQuantization,
  output: ActivationQuantization,
  real: (value: number) => number,
): (code: number) => number {
  const rounding = tableRounding[profile.table];
  return (code) => {
    const value = Math.fround(real(Math.fround((code - input.zeroPoint) * input.scale)));
    return roundBy(rounding, Math.fround(value / output.scale)) + output.zeroPoint;
  };
}

/** Emits `lookup` with one entry per code; codes outside the input's range repeat its ends. */
export function emitTable(
  node: Node,
  context: LowerContext,
  code: (code: number) => number,
  clamp?: { readonly clampMin: number; readonly clampMax: number },
): void {
  const input = context.tensor(node.inputs[0]);
  const output = context.tensor(node.outputs[0]);
  if (input.tensor.dtype !== 'int8' || output.tensor.dtype !== 'int8') {
    throw profileLacks(node, context.profile, 'has no table for 16-bit values', 'Use 8-bit activations here.');
  }
  const { qMin, qMax } = output.tensor;
  const [low, high] = clamp === undefined ? [qMin, qMax] : [clamp.clampMin, clamp.clampMax];
  const table = Int8Array.from({ length: 256 }, (_, index) => {
    const inside = Math.min(Math.max(index - 128, input.tensor.qMin), input.tensor.qMax);
    return Math.min(Math.max(code(inside), low), high);
  });
  context.emit({
    kernel: 'lookup',
    name: node.name,
    rule: context.rule.id,
    inputs: [input.index],
    output: output.index,
    parameters: {
      elements: output.tensor.shape.reduce((product, size) => product * size, 1),
      table: context.addConstant({ name: `${node.name}.table`, packing: 'int8', data: table }),
    },
    macs: 0,
  });
}
