/**
 * The three scales of a QLinear operator. ONNX Runtime computes f32(f32(sx * sw) / sy) from them, and that must be the very number that
 * the program multiplies by. A weight scale a bit away may be needed for it; where there is none, the program's number itself is given as
 * the weight scale and the other two are 1.
 */
import { getRule } from '../../arithmetic/registry.ts';
import { bitsFromFloat, floatFromBits } from '../../arithmetic/rounding.ts';
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
  const product = (scale: number): number => Math.fround(Math.fround(input * scale) / output);
  const found = exact.map((scale, index) => {
    const near = Math.fround(weight?.[weight.length > 1 ? index : 0] ?? (scale * output) / input);
    return neighbours(near).find((nearby) => product(nearby) === scale) ?? Number.NaN;
  });
  if (!found.some(Number.isNaN)) return { input, weight: Float32Array.from(found), output };
  return { input: 1, weight: Float32Array.from(exact), output: 1 };
}

/** A float32 and the few around it: two roundings can pass over a number from one side and meet it from the other. */
function neighbours(value: number): number[] {
  const bits = bitsFromFloat(value);
  return [0, 1, -1, 2, -2, 3, -3].map((step) => floatFromBits(bits + step));
}
