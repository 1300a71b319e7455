/** Multiplier quantization and effective scales against the values that TFLite computes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectiveScale, quantizeValue } from '../../../src/arithmetic/effective-scale.ts';
import { quantizeMultiplier, splitExponent } from '../../../src/arithmetic/quantize-multiplier.ts';
import { getRule } from '../../../src/arithmetic/registry.ts';
import { roundHalfAway, roundHalfEven, roundHalfUp } from '../../../src/arithmetic/rounding.ts';

const f = Math.fround;

describe('quantizeMultiplier', () => {
  it('has the published pairs', () => {
    for (const [scale, multiplier, shift] of [
      [1, 2 ** 30, 1],
      [0.5, 2 ** 30, 0],
      [0.25, 2 ** 30, -1],
      [1 - 1e-11, 2 ** 30, 1],
      [2 ** -32, 2 ** 30, -31],
      [2 ** -33, 0, 0],
      [0, 0, 0],
      [0.1, 1717986918, -3],
      [0.3, 1288490189, -1],
    ] as const) {
      expect([scale, quantizeMultiplier(scale)]).toEqual([scale, { multiplier, shift }]);
    }
  });

  it('saturates large scales only with single rounding', () => {
    expect(quantizeMultiplier(2 ** 31, true)).toEqual({ multiplier: 2147483647, shift: 30 });
    expect(quantizeMultiplier(2 ** 31)).toEqual({ multiplier: 2 ** 30, shift: 32 });
  });

  it('splits every positive double exactly, subnormals included', () => {
    fc.assert(
      fc.property(fc.double({ min: Number.MIN_VALUE, noNaN: true, max: Number.MAX_VALUE }), (value) => {
        const { fraction, exponent } = splitExponent(value);
        expect(fraction).toBeGreaterThanOrEqual(0.5);
        expect(fraction).toBeLessThan(1);
        // In two steps, so that neither power overflows or underflows.
        const half = Math.trunc(exponent / 2);
        expect(fraction * 2 ** half * 2 ** (exponent - half)).toBe(value);
      }),
    );
  });
});

describe('effective scales', () => {
  it('differ between the orders of mul in TFLM and LiteRT', () => {
    const scales = [f(0.0945), f(0.153), f(0.1428)] as const;
    const micro = quantizeMultiplier(effectiveScale('f64', ...scales));
    const lite = quantizeMultiplier(effectiveScale('f32', ...scales));
    expect(micro).toEqual({ multiplier: 1739461642, shift: -3 });
    expect(lite).toEqual({ multiplier: 1739461760, shift: -3 });
    const rule = getRule('double');
    expect(rule.requantize(-230 * -5, micro, 0, -128, 127)).toBe(116);
    expect(rule.requantize(-230 * -5, lite, 0, -128, 127)).toBe(117);
    expect(rule.requantize(-175 * -2, micro, 0, -128, 127)).toBe(35);
    expect(rule.requantize(-175 * -2, lite, 0, -128, 127)).toBe(36);
  });

  it('differ between convolution and fully connected', () => {
    const rule = getRule('double');
    for (const [scales, accumulator, exact, singleFirst, conv, dense] of [
      [[0.018961, 0.0061942, 0.028496], 2304, [1132928126, -7], [1132928094, -7], 10, 9],
      [[0.027226, 0.0074544, 0.177272], 99137, [1258798400, -9], [1258798363, -9], 114, 113],
    ] as const) {
      const [input, weight, output] = scales.map(f) as [number, number, number];
      const a = quantizeMultiplier(effectiveScale('f64', input, weight, output));
      const b = quantizeMultiplier(effectiveScale('f32-product-then-f64', input, weight, output));
      expect([a.multiplier, a.shift]).toEqual(exact);
      expect([b.multiplier, b.shift]).toEqual(singleFirst);
      expect(rule.requantize(accumulator, a, 0, -128, 127)).toBe(conv);
      expect(rule.requantize(accumulator, b, 0, -128, 127)).toBe(dense);
    }
  });
});

describe('rounding of reals', () => {
  const values = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999999999999994, -0.49999999999999994, 2.9];
  it('half even', () => expect(values.map((value) => roundHalfEven(value) + 0)).toEqual([-2, -2, 0, 0, 2, 2, 0, 0, 3]));
  it('half away', () =>
    expect(values.map((value) => roundHalfAway(value) + 0)).toEqual([-3, -2, -1, 1, 2, 3, 0, 0, 3]));
  it('half up', () => expect(values.map((value) => roundHalfUp(value) + 0)).toEqual([-2, -1, 0, 1, 2, 3, 0, 0, 3]));

  it('quantizes a tie by the runtime: TFLite away from zero, ONNX to even', () => {
    const quantization = { scale: 0.5, zeroPoint: 3, qMin: -128, qMax: 127 };
    expect(quantizeValue('half-away', 0.25, quantization)).toBe(4);
    expect(quantizeValue('half-even', 0.25, quantization)).toBe(3);
    expect(quantizeValue('half-even', Number.POSITIVE_INFINITY, quantization)).toBe(127);
    expect(quantizeValue('half-even', -1e30, quantization)).toBe(-128);
  });
});
