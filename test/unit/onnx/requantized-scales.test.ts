/** The scales of exported operators give back the program's own multiplier, to the last bit. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitsFromFloat } from '../../../src/arithmetic/rounding.ts';
import type { IntegerOperation } from '../../../src/graph/integer-program.ts';
import { qLinearScales } from '../../../src/package/onnx-export/requantized-scales.ts';

const operation = (rule: string): IntegerOperation => ({
  kernel: 'conv',
  name: 'n',
  rule,
  inputs: [0],
  output: 1,
  parameters: {},
  macs: 0,
});
const scale = fc.float({ min: Math.fround(1e-6), max: 1, noNaN: true });

test('f32(f32(input * weight) / output) is the multiplier, whether the weight scales are known, wrong by a bit or unknown', () => {
  let replaced = 0;
  let kept = 0;
  fc.assert(
    fc.property(scale, scale, fc.array(scale, { minLength: 1, maxLength: 4 }), (input, output, multipliers) => {
      const words = { multiplier: multipliers.map(bitsFromFloat), shift: multipliers.map(() => 0) };
      const near = multipliers.map((multiplier) => (multiplier * output) / input);
      for (const known of [undefined, near]) {
        const scales = qLinearScales(operation('float32'), words, input, output, known);
        if (scales.input === 1 && scales.output === 1) replaced++;
        else kept++;
        multipliers.forEach((multiplier, index) => {
          expect(Math.fround(Math.fround(scales.input * scales.weight[index]!) / scales.output)).toBe(multiplier);
        });
      }
    }),
  );
  // Most scales have a neighbour that fits; both ways must have been taken.
  expect(replaced).toBeGreaterThan(0);
  expect(kept).toBeGreaterThan(replaced);
});

test('known scales that fit are kept, so that readers see the real ones', () => {
  const multiplier = Math.fround(Math.fround(Math.fround(0.1) * Math.fround(0.02)) / Math.fround(0.3));
  const words = { multiplier: [bitsFromFloat(multiplier)], shift: [0] };
  const scales = qLinearScales(operation('float32'), words, Math.fround(0.1), Math.fround(0.3), [Math.fround(0.02)]);
  expect(scales).toEqual({ input: Math.fround(0.1), weight: Float32Array.of(0.02), output: Math.fround(0.3) });
});

test('fixed-point multipliers become real weight scales', () => {
  // 2^30 with shift 0 is one half: input 0.5, output 0.25, so the weight scale is 0.25.
  const scales = qLinearScales(operation('double'), { multiplier: [2 ** 30], shift: [0] }, 0.5, 0.25);
  expect(scales).toEqual({ input: 0.5, weight: Float32Array.of(0.25), output: 0.25 });
});
