/** gemmlowp's fixed-point functions and what TFLite builds of them, against the exact functions and the published differences. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expOnNegative, logistic, oneOverOnePlus, tanh } from '../../../src/arithmetic/fixed-point.ts';
import { hardSwishCode } from '../../../src/arithmetic/hard-swish.ts';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { roundHalfAway } from '../../../src/arithmetic/rounding.ts';
import { seededRandom } from '../../../src/base/random.ts';
import type { IntegerOperation } from '../../../src/graph/integer-program.ts';
import { lower } from '../../../src/lower/lower.ts';
import { getOp } from '../../../src/ops/registry.ts';
import { softmaxScale } from '../../../src/ops/softmax.ts';

const seed = Date.now() % 100000;
const q31 = 2 ** 31;

describe(`fixed-point functions, seed ${seed}`, () => {
  it('are near the exact ones', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 0 }), (raw) => {
        // Q5.26, Q4.27 and Q0.31
        expect(Math.abs(expOnNegative(raw, 5) / q31 - Math.exp(raw / 2 ** 26))).toBeLessThan(5e-7);
        const x = raw / 2 ** 27;
        for (const sign of [1, -1]) {
          const signed = Math.min(sign * -raw, q31 - 1);
          expect(Math.abs(logistic(signed, 4) / q31 - 1 / (1 + Math.exp(sign * x)))).toBeLessThan(1e-6);
          expect(Math.abs(tanh(signed, 4) / q31 - Math.tanh(-sign * x))).toBeLessThan(2e-6);
        }
        const fraction = -raw / q31;
        if (raw > -(2 ** 31)) expect(Math.abs(oneOverOnePlus(-raw) / q31 - 1 / (1 + fraction))).toBeLessThan(1e-8);
      }),
      { numRuns: 5000, seed },
    );
  });

  it('have their fixed values at 0', () => {
    expect([expOnNegative(0, 5), logistic(0, 4), tanh(0, 4)]).toEqual([q31 - 1, 2 ** 30, 0]);
  });
});

/** The 256 output codes of a unary op under a profile. */
function tableOf(
  op: string,
  profileId: string,
  input: { scale: number; zeroPoint: number },
  output: { scale: number; zeroPoint: number },
): Int8Array {
  const node = { name: 'n', op, inputs: ['x'], outputs: ['y'], attributes: { alpha: 0.3 } };
  const value = (name: string) => ({ name, dtype: 'float32' as const, shape: [1, 1] });
  const graph = {
    name: 'g',
    nodes: [node],
    values: new Map([
      ['x', value('x')],
      ['y', value('y')],
    ]),
    constants: new Map(),
    inputs: ['x'],
    outputs: ['y'],
  };
  const range = { bits: 8, qMin: -128, qMax: 127 };
  const activations = new Map([
    ['x', { ...input, ...range }],
    ['y', { ...output, ...range }],
  ]);
  const program = lower(graph, { activations, weights: new Map() }, getProfile(profileId));
  return program.constants[program.operations[0].parameters.table].data as Int8Array;
}

const countDifferences = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
  Array.from(a, (value, index) => Math.abs(value - b[index])).filter((difference) => difference > 0);

describe('tables', () => {
  const scales = [2 ** -7, 2 ** -6, 2 ** -5, 2 ** -4, 0.01, 0.03, 0.05, 0.1].map(Math.fround);
  const zeroPoints = [-128, -40, -1, 0, 77];
  const against = (op: string, output: { scale: number; zeroPoint: number }): number[] =>
    scales.flatMap((scale) =>
      zeroPoints.flatMap((zeroPoint) =>
        countDifferences(
          tableOf(op, 'tflm-reference', { scale, zeroPoint }, output),
          tableOf(op, 'tflite-single', { scale, zeroPoint }, output),
        ),
      ),
    );

  it('of the logistic function differ between TFLM and LiteRT by 1, rarely, and where published', () => {
    const output = { scale: 1 / 256, zeroPoint: -128 };
    const differences = against('sigmoid', output);
    expect(differences.every((difference) => difference === 1)).toBe(true);
    expect(differences.length).toBeGreaterThan(0);
    expect(differences.length).toBeLessThan(20);
    const input = { scale: 2 ** -7, zeroPoint: -1 };
    expect(tableOf('sigmoid', 'tflm-reference', input, output)[128]).toBe(1);
    expect(tableOf('sigmoid', 'tflite-single', input, output)[128]).toBe(0);
  });

  it('of tanh agree between TFLM and LiteRT', () => {
    expect(against('tanh', { scale: 1 / 128, zeroPoint: 0 }).length).toBeLessThan(3);
  });

  it('of hard-swish differ from the rounded real by at most 1, in a few percent', () => {
    let total = 0;
    const differences = scales.flatMap((scale) =>
      zeroPoints.flatMap((zeroPoint) => {
        const output = { scale: Math.fround(scale * 0.9), zeroPoint: -100 };
        const code = hardSwishCode({ scale, zeroPoint }, output)!;
        const codes = Array.from({ length: 256 }, (_, index) => Math.min(Math.max(code(index - 128), -128), 127));
        const real = codes.map((_, index) => {
          const x = (index - 128 - zeroPoint) * scale;
          const y = (x * Math.min(Math.max(x + 3, 0), 6)) / 6;
          return Math.min(Math.max(roundHalfAway(y / output.scale) - 100, -128), 127);
        });
        total += 256;
        return countDifferences(codes, real);
      }),
    );
    expect(Math.max(...differences)).toBe(1);
    expect(differences.length / total).toBeLessThan(0.06);
  });

  it('of leaky relu round each side by the rule of the runtime', () => {
    // x = -5 on scale 1: -5 * 0.3 = -1.5 on the output's scale 1.
    const unit = { scale: 1, zeroPoint: 0 };
    expect(tableOf('leaky-relu', 'cmsis-nn', unit, unit)[123]).toBe(-2);
    expect(tableOf('leaky-relu', 'onnxruntime', unit, unit)[123]).toBe(-2);
    expect(tableOf('leaky-relu', 'esp-dl-s3', unit, unit)[123]).toBe(-1);
  });
});

it(`softmax equals the rounded real on random rows, seed ${seed}`, () => {
  const random = seededRandom(seed);
  let compared = 0;
  for (let round = 0; round < 300; round++) {
    const depth = random.integer(1, 40);
    const scale = Math.fround(0.01 + 0.2 * random.next());
    const codes = Int8Array.from({ length: depth }, () => random.integer(-128, 127));
    const parameters = { rows: 1, depth, ...softmaxScale(scale) };
    const output = new Int8Array(depth);
    const operation = { kernel: 'softmax', parameters } as unknown as IntegerOperation;
    const rule = undefined as never;
    getOp('softmax').runInteger!({ operation, parameters, rule, inputs: [codes], output, constant: () => undefined });
    const powers = Array.from(codes, (code) => Math.exp(code * scale));
    const sum = powers.reduce((total, power) => total + power, 0);
    powers.forEach((power, index) => {
      const exact = (256 * power) / sum;
      // Where the real is a tie within the precision of the fixed-point form either neighbour is right.
      const tie = Math.abs(exact - Math.floor(exact) - 0.5) < 1e-3;
      if (!tie) expect(output[index]).toBe(Math.min(roundHalfAway(exact) - 128, 127));
      compared++;
    });
  }
  expect(compared).toBeGreaterThan(3000);
});
