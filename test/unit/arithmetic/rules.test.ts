/** Requantization rules against the published distinguishing vectors and against BigInt arithmetic. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allRules, getRule, ruleByCode } from '../../../src/arithmetic/registry.ts';
import { bitsFromFloat, floatFromBits, saturatingRoundingDoublingHighMul } from '../../../src/arithmetic/rounding.ts';
import type { RuleId } from '../../../src/arithmetic/rule.ts';
import { reduceMultiplier } from '../../../src/arithmetic/rules/reduced-16.ts';

const wide = [0, -1e9, 1e9] as const;
const run = (rule: RuleId, scale: number, accumulator: number): number =>
  getRule(rule).requantize(accumulator, getRule(rule).encode(scale), ...wide);

describe('scale 1/4', () => {
  const accumulators = [-10, -7, -6, -5, -2, -1, 1, 2, 5, 6, 9, 10];
  const halfUp = [-2, -2, -1, -1, 0, 0, 0, 1, 1, 2, 2, 3];
  const halfEven = [-2, -2, -2, -1, 0, 0, 0, 0, 1, 2, 2, 2];
  const table: Record<RuleId, number[]> = {
    double: [-3, -2, -2, -1, -1, 0, 1, 1, 2, 2, 3, 3],
    single: halfUp,
    'reduced-16': halfUp,
    'shift-half-up': halfUp,
    float32: halfEven,
    'shift-half-even': halfEven,
    'multiply-shift-floor': [-3, -2, -2, -2, -1, -1, 0, 0, 1, 1, 2, 2],
  };
  for (const [rule, expected] of Object.entries(table)) {
    it(rule, () => expect(accumulators.map((value) => run(rule as RuleId, 0.25, value))).toEqual(expected));
  }
  it('covers every rule', () => expect(Object.keys(table).sort()).toEqual(allRules.map((rule) => rule.id).sort()));
});

/** Rows: scale, accumulator, double, single, float32 (undefined: not published). */
const triples: [number, number, number, number, number | undefined][] = [
  [0.5, -7, -3, -3, -4],
  [0.5, -5, -2, -2, -2],
  [0.5, -3, -1, -1, -2],
  [0.5, 1, 1, 1, 0],
  [0.5, 5, 3, 3, 2],
  [0.125, 3, 1, 0, 0],
  [0.125, 4, 1, 1, 0],
  [0.125, 11, 2, 1, 1],
  [0.125, -4, -1, 0, 0],
  [0.125, -12, -2, -1, -2],
  [0.125, -20, -3, -2, -2],
  [0.1, -59995, -6000, -5999, -6000],
  [0.1, -59985, -5999, -5998, -5998],
  [0.3, -15, -5, -5, -4],
  [0.3, 1, 1, 0, 0],
  [0.3, -1, -1, 0, 0],
  [0.3, 35, 11, 11, 10],
];

it('separates double, single and float32 where published', () => {
  for (const [scale, accumulator, double, single, float32] of triples) {
    expect([scale, accumulator, run('double', scale, accumulator)]).toEqual([scale, accumulator, double]);
    expect([scale, accumulator, run('single', scale, accumulator)]).toEqual([scale, accumulator, single]);
    expect([scale, accumulator, run('float32', scale, accumulator)]).toEqual([scale, accumulator, float32]);
  }
});

it('rounds a power-of-two division by the tie of the rule', () => {
  const values = [-5, -3, -1, 1, 5];
  expect(values.map((value) => run('shift-half-up', 0.5, value))).toEqual([-2, -1, 0, 1, 3]);
  expect(values.map((value) => run('shift-half-even', 0.5, value))).toEqual([-2, -2, 0, 0, 2]);
  expect(values.map((value) => run('multiply-shift-floor', 0.5, value))).toEqual([-3, -2, -1, 0, 2]);
});

it('has the published counts of accumulators where double and single differ', () => {
  for (const [scale, count] of [
    [0.0007, 48],
    [0.0156, 960],
    [0.1, 12000],
    [0.3, 24000],
    [0.75, 0],
  ] as const) {
    let differing = 0;
    for (let value = -60000; value <= 60000; value++) {
      if (run('double', scale, value) !== run('single', scale, value)) differing++;
    }
    expect([scale, differing]).toEqual([scale, count]);
  }
});

it('wraps a left shift instead of clamping it', () => {
  expect(getRule('double').requantize(2 ** 27, { multiplier: 2 ** 30, shift: 5 }, ...wide)).toBe(0);
  expect(getRule('single').requantize(2 ** 27, { multiplier: 2 ** 30, shift: 5 }, 0, -(2 ** 31), 2 ** 31 - 1)).toBe(
    -(2 ** 31),
  );
});

it('drops the int16x8 multiplier to 15 bits', () => {
  const encoded = { multiplier: 1518500250, shift: -12 };
  expect(getRule('reduced-16').requantize(123456789, encoded, ...wide)).toBe(21312);
  expect(getRule('double').requantize(123456789, encoded, ...wide)).toBe(21313);
});

it('saturates the doubling high multiply only at MIN * MIN', () => {
  const minimum = -(2 ** 31);
  const maximum = 2 ** 31 - 1;
  expect(saturatingRoundingDoublingHighMul(minimum, minimum)).toBe(maximum);
  expect(saturatingRoundingDoublingHighMul(minimum, maximum)).toBe(-2147483647);
  expect(saturatingRoundingDoublingHighMul(maximum, maximum)).toBe(2147483646);
});

it('adds the zero point after rounding and clamps before it under float32', () => {
  const rule = getRule('float32');
  // 2 * 0.25 is a tie: half to even gives 0, then the odd zero point; rounding after adding it would give 2.
  expect(rule.requantize(2, rule.encode(0.25), 1, -128, 127)).toBe(1);
  expect(rule.requantize(2 ** 30, rule.encode(1), 1, -128, 127)).toBe(127);
  // The accumulator itself becomes a float32: 2^24 + 1 loses its last bit.
  expect(rule.requantize(2 ** 24 + 1, rule.encode(1), 0, -(2 ** 30), 2 ** 30)).toBe(2 ** 24);
});

it('encodes within its own precision', () => {
  for (const rule of allRules) {
    for (const scale of [2 ** -9, 0.5, 1, 2]) expect(rule.decode(rule.encode(scale))).toBe(scale);
    expect(ruleByCode(rule.code)).toBe(rule);
    for (const bad of [Number.NaN, -1, Number.POSITIVE_INFINITY])
      expect(() => rule.encode(bad)).toThrow(/cannot express/);
  }
  expect(() => getRule('shift-half-up').encode(0.3)).toThrow(/power of two/);
  expect(() => getRule('tripled')).toThrow(/double \(1\)/);
});

// --- BigInt oracles ---

const seed = Date.now() % 1_000_000;
const accumulators = fc.oneof(
  fc.integer(),
  fc.integer({ min: -40000, max: 40000 }),
  fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 0, -1, 1),
);
const multipliers = fc.oneof(fc.integer({ min: 2 ** 30, max: 2 ** 31 - 1 }), fc.constantFrom(0, 2 ** 30, 2 ** 31 - 1));
const property = (rule: RuleId, low: number, high: number, oracle: (a: bigint, m: bigint, s: bigint) => bigint) =>
  fc.assert(
    fc.property(accumulators, multipliers, fc.integer({ min: low, max: high }), (accumulator, multiplier, shift) => {
      const expected = BigInt.asIntN(32, oracle(BigInt(accumulator), BigInt(multiplier), BigInt(shift)));
      const seen = getRule(rule).requantize(accumulator, { multiplier, shift }, 0, -(2 ** 31), 2 ** 31 - 1);
      expect(seen).toBe(Number(expected));
    }),
    { numRuns: 20000, seed },
  );

describe(`against BigInt, seed ${seed}`, () => {
  it('single', () => property('single', -31, 30, (a, m, s) => (a * m + (1n << (30n - s))) >> (31n - s)));

  it('double', () =>
    property('double', -31, 30, (a, m, s) => {
      const shifted = BigInt.asIntN(32, s > 0n ? a << s : a);
      const product = (shifted * m + (1n << 30n)) >> 31n;
      if (s >= 0n) return product;
      const half = (1n << -s) >> 1n;
      return product >= 0n ? (product + half) >> -s : -((half - product) >> -s);
    }));

  it('reduced-16 on accumulators of 47 bits', () => {
    fc.assert(
      fc.property(
        fc.maxSafeInteger().map((value) => Math.floor(value / 128)),
        multipliers,
        fc.integer({ min: -31, max: 7 }),
        (accumulator, multiplier, shift) => {
          const reduced = BigInt(reduceMultiplier(multiplier));
          const exact = (BigInt(accumulator) * reduced + (1n << BigInt(14 - shift))) >> BigInt(15 - shift);
          const seen = getRule('reduced-16').requantize(accumulator, { multiplier, shift }, 0, -(2 ** 31), 2 ** 31 - 1);
          expect(seen).toBe(Number(BigInt.asIntN(32, exact)));
        },
      ),
      { numRuns: 20000, seed },
    );
  });

  it('multiply-shift-floor', () => {
    fc.assert(
      fc.property(accumulators, fc.integer({ min: 16384, max: 32767 }), fc.integer({ min: 0, max: 62 }), (a, m, n) => {
        const exact = (BigInt(a) * BigInt(m)) >> BigInt(n);
        const clamped = exact > 127n ? 127n : exact < -128n ? -128n : exact;
        const seen = getRule('multiply-shift-floor').requantize(
          a,
          { multiplier: m, shift: n === 0 ? 0 : -n },
          0,
          -128,
          127,
        );
        expect(seen).toBe(Number(clamped));
      }),
      { numRuns: 20000, seed },
    );
  });

  it('shift-half-up and shift-half-even', () => {
    fc.assert(
      fc.property(accumulators, fc.integer({ min: 1, max: 31 }), (a, n) => {
        const down = BigInt(a) >> BigInt(n);
        const rest = BigInt(a) - (down << BigInt(n));
        const half = 1n << BigInt(n - 1);
        const up = rest >= half ? down + 1n : down;
        const even = rest > half || (rest === half && (down & 1n) === 1n) ? down + 1n : down;
        const encoded = { multiplier: 1, shift: -n };
        const range = [0, -(2 ** 31), 2 ** 31 - 1] as const;
        expect(getRule('shift-half-up').requantize(a, encoded, ...range)).toBe(Number(up));
        expect(getRule('shift-half-even').requantize(a, encoded, ...range)).toBe(Number(even));
      }),
      { numRuns: 20000, seed },
    );
  });

  it('float32 bit patterns round-trip', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        expect(floatFromBits(bitsFromFloat(value))).toBe(value);
      }),
      { seed },
    );
  });
});
