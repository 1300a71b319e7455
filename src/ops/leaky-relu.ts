/** x where positive, alpha * x elsewhere. TFLite scales each side by its own multiplier, computed in float32. */
import { getRule } from '../arithmetic/registry.ts';
import { numberOf } from './common/attributes.ts';
import { type CodeFunction, isTflite, unaryOp } from './common/unary.ts';
import type { OpDefinition } from './op-definition.ts';

export const op: OpDefinition = unaryOp({
  name: 'leaky-relu',
  real: (node, value) => (value > 0 ? value : numberOf(node, 'alpha') * value),
  fixedPoint,
});

function fixedPoint(...[node, input, output, profile]: Parameters<CodeFunction>): ReturnType<CodeFunction> {
  if (!isTflite(profile)) return undefined;
  const rule = getRule(profile.requantize);
  const alpha = Math.fround(numberOf(node, 'alpha'));
  const identity = rule.encode(Math.fround(input.scale / output.scale));
  // A negative slope mirrors the positive one: multipliers are never negative.
  const slope = rule.encode(Math.abs(Math.fround(Math.fround(input.scale * alpha) / output.scale)));
  return (code) => {
    const value = code - input.zeroPoint;
    const mirrored = alpha < 0 ? -value : value;
    const [operand, scale] = value >= 0 ? [value, identity] : [mirrored, slope];
    return rule.requantize(operand, scale, output.zeroPoint, output.qMin, output.qMax);
  };
}
