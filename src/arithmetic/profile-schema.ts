/** The schema of numeric profiles as data, and the contradictions that types cannot rule out. */
import { IssueList } from '../base/errors.ts';
import type { NumericProfile } from './profile.ts';
import { allRules } from './registry.ts';
import { bitWidths, fieldOf, integer, listOf, oneOf, record, text } from './schema.ts';

const product = oneOf('f64', 'f32-product-then-f64', 'f32');
const rounding = oneOf('half-away', 'half-even', 'half-up');
const scaleKind = oneOf('any', 'power-of-two');

const schema = record({
  id: text,
  code: integer(1, 65535),
  version: integer(1, 65535),
  title: text,
  evidence: listOf(record({ kind: oneOf('oracle-run', 'source-read', 'hardware-run'), source: text })),
  requantize: oneOf(...allRules.map((rule) => rule.id)),
  scaleProduct: record({
    conv: product,
    fullyConnected: product,
    fullyConnectedPerChannel: product,
    mul: product,
    sub: oneOf('f64', 'f32'),
    requantize: product,
  }),
  accumulator: record({ bits: oneOf(20, 32, 64), overflow: oneOf('wrap', 'saturate') }),
  activation: record({
    bits: bitWidths,
    zeroPoint: oneOf('any', 'none', 'unsigned'),
    scale: scaleKind,
    native: oneOf('int8', 'uint8', 'int16'),
  }),
  weight: record({
    bits: bitWidths,
    perChannel: oneOf(true, false),
    range: oneOf('full', 'narrow', 'pair-safe'),
    scale: scaleKind,
  }),
  bias: record({ bits: oneOf(20, 32, 40, 64) }),
  quantizeInput: rounding,
  clampBound: rounding,
  add: oneOf('left-shift', 'float', 'power-of-two', 'multiply-shift'),
  mul: oneOf('multiplier', 'float', 'power-of-two', 'unsupported'),
  averagePool: oneOf('integer-half-away', 'integer-floor', 'float', 'float-sum'),
  globalAveragePool: oneOf('mean', 'float', 'as-average-pool'),
  softmax: oneOf('fixed-point', 'unsupported'),
  table: oneOf('fixed-point', 'float-half-away', 'float-half-even', 'float-half-up'),
});

/** A checked profile. `where` names its source. Throws PROFILE_UNSUPPORTED with every problem. */
export function validateProfile(value: unknown, where: string): NumericProfile {
  const issues = new IssueList('PROFILE_UNSUPPORTED');
  schema(value, where, issues);
  issues.throwIfAny();
  const profile = value as NumericProfile;
  checkConsistency(profile, where, issues);
  issues.throwIfAny();
  return profile;
}

/** Each pair of settings that cannot both hold. */
function checkConsistency(profile: NumericProfile, where: string, issues: IssueList): void {
  const shifts = profile.requantize === 'shift-half-up' || profile.requantize === 'shift-half-even';
  const powers = profile.activation.scale === 'power-of-two' && profile.weight.scale === 'power-of-two';
  const contradictions: readonly (readonly [boolean, string, string])[] = [
    [shifts !== powers, 'requantize', 'a shift rule needs power-of-two scales, and they need a shift rule'],
    [(profile.add === 'power-of-two') !== powers, 'add', 'power-of-two sums need power-of-two scales'],
    [(profile.add === 'float') !== (profile.requantize === 'float32'), 'add', 'float sums go with the float32 rule'],
    [
      (profile.mul === 'float') !== (profile.requantize === 'float32'),
      'mul',
      'float products go with the float32 rule',
    ],
    [
      profile.add === 'multiply-shift' && profile.requantize !== 'multiply-shift-floor',
      'add',
      'multiply-shift sums go with the multiply-shift rule',
    ],
    [
      (profile.activation.native === 'int16') !== profile.activation.bits.some((bits) => bits > 8),
      'activation.native',
      'activations wider than 8 bits are stored as int16, and only they',
    ],
    [
      (profile.requantize === 'reduced-16') !== (profile.accumulator.bits === 64),
      'accumulator.bits',
      'the 15-bit multiplier goes with 64-bit accumulators',
    ],
    [profile.bias.bits < profile.accumulator.bits, 'bias.bits', 'the bias is narrower than the accumulator'],
  ];
  for (const [broken, field, message] of contradictions) {
    if (broken) issues.add({ message, where: fieldOf(where, field) });
  }
}
