/**
 * The three scales of a QLinear operator. ONNX Runtime computes f32(f32(sx * sw) / sy) from them; where that is not the very number
 * that the program multiplies by, the program's number itself is given as the weight scale and the other two are 1.
 */
import { getRule } from '../../arithmetic/registry.ts';
import { floatFromBits } from '../../arithmetic/rounding.ts';
import type { IntegerOperation } from '../../graph/integer-program.ts';

export interface QLinearScales {
  readonly input: number;
  /** One, or one per output channel. */
  readonly weight: Float32Array<ArrayBuffer>;
  readonly output: number;
}

/**
 * `words` are the operation's multipliers, `weight` the scales that the plan or the operator knows (undefined: they follow from the
 * multipliers). Profiles other than float32 get their real scales, which is as near as ONNX Runtime comes to them.
 */
export function qLinearScales(
  operation: IntegerOperation,
  words: { readonly multiplier: ArrayLike<number>; readonly shift: ArrayLike<number> },
  input: number,
  output: number,
  weight?: ArrayLike<number>,
): QLinearScales {
  const rule = getRule(operation.rule as 'float32');
  const effective = Array.from(words.multiplier, (multiplier, index) =>
    rule.decode({ multiplier, shift: words.shift[index]! }),
  );
  if (operation.rule !== 'float32') {
    const scales = weight === undefined ? effective.map((scale) => (scale * output) / input) : Array.from(weight);
    return { input, weight: Float32Array.from(scales), output };
  }
  const exact = Array.from(words.multiplier, floatFromBits);
  const candidate = weight ?? exact.map((scale) => Math.fround(Math.fround(scale * output) / input));
  const product = (index: number): number => Math.fround(Math.fround(input * Math.fround(candidate[index]!)) / output);
  if (candidate.length === exact.length && exact.every((scale, index) => product(index) === scale)) {
    return { input, weight: Float32Array.from(candidate), output };
  }
  return { input: 1, weight: Float32Array.from(exact), output: 1 };
}
