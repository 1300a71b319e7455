/** Rounding methods against brute force over all roundings of small layers, and against what each promises. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { codeRange } from '../../../src/graph/quantization-plan.ts';
import type { CodeGrid } from '../../../src/quantize/code-grid.ts';
import { invertUpper, upperFactor } from '../../../src/quantize/rounding/cholesky.ts';
import { factorGram, roundChannelByGram } from '../../../src/quantize/rounding/gram.ts';
import { roundMeanPreserving } from '../../../src/quantize/rounding/mean-preserving.ts';
import { roundNearest } from '../../../src/quantize/rounding/nearest.ts';

const grid: CodeGrid = { ...codeRange(4), zeroPoint: 0 };
const seed = 20260731;

function randomGram(n: number, rows: number, random: ReturnType<typeof seededRandom>): Float64Array<ArrayBuffer> {
  const gram = new Float64Array(n * n);
  for (let row = 0; row < rows; row++) {
    const common = random.normal();
    const x = Array.from({ length: n }, () => common + random.normal());
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) gram[i * n + j] += (x[i] * x[j]) / rows;
  }
  return gram;
}

function outputError(weights: Float32Array, codes: ArrayLike<number>, scale: number, gram: Float64Array): number {
  const n = weights.length;
  let error = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++)
      error += (scale * codes[i] - weights[i]) * gram[i * n + j] * (scale * codes[j] - weights[j]);
  }
  return error;
}

describe('nearest', () => {
  it('breaks ties to even, divides in float32 and saturates', () => {
    const weights = Float32Array.of(0.5, 1.5, 2.5, -0.5, -1.5, 100, -100, 0.49999997);
    expect([...roundNearest(weights, 1, Float32Array.of(1), grid)]).toEqual([0, 2, 2, 0, -2, 7, -8, 0]);
    // 0.15 / 0.1 in float32 is 1.5000001 or 1.5 by the operands' own rounding: f32(f32(0.15) / f32(0.1)) = 1.5.
    expect([...roundNearest(Float32Array.of(0.15), 1, Float32Array.of(0.1), grid)]).toEqual([2]);
  });
});

describe('mean-preserving', () => {
  it('leaves less than half a step of summed error in every channel and moves each code by at most one', () => {
    const random = seededRandom(seed);
    const weights = Float32Array.from({ length: 8 * 64 }, () => 2 * random.normal());
    const scales = Float32Array.from({ length: 8 }, () => 0.8 + random.next());
    const nearest = roundNearest(weights, 8, scales, grid);
    const codes = roundMeanPreserving(weights, 8, scales, grid);
    for (let output = 0; output < 8; output++) {
      let sum = 0;
      for (let index = output * 64; index < (output + 1) * 64; index++) {
        expect(Math.abs(codes[index] - nearest[index])).toBeLessThanOrEqual(1);
        const exact = weights[index] / scales[output];
        if (exact > grid.qMin && exact < grid.qMax) sum += codes[index] - exact;
      }
      expect(Math.abs(sum), `seed ${seed}, output ${output}`).toBeLessThanOrEqual(0.5 + 1e-6);
    }
  });

  it('does as worked by hand', () => {
    // Errors of nearest: -0.375, -0.25, -0.4375, -0.25, together -1.3125: one code moves up, the one nearest to its tie.
    expect([...roundMeanPreserving(Float32Array.of(1.375, 2.25, 3.4375, 0.25), 1, Float32Array.of(1), grid)]).toEqual([
      1, 2, 4, 0,
    ]);
  });
});

describe('the factor of a Gram matrix', () => {
  it('multiplies back', () => {
    const random = seededRandom(seed);
    const n = 9;
    const gram = randomGram(n, 40, random);
    const factor = upperFactor(gram, n);
    expect(factor).not.toBeNull();
    const inverse = invertUpper(factor as Float64Array, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let product = 0;
        let identity = 0;
        for (let k = 0; k < n; k++) {
          product += (factor as Float64Array)[i * n + k] * (factor as Float64Array)[j * n + k];
          identity += (factor as Float64Array)[i * n + k] * inverse[k * n + j];
        }
        expect(product).toBeCloseTo(gram[i * n + j], 9);
        expect(identity).toBeCloseTo(i === j ? 1 : 0, 9);
      }
    }
  });

  it('is refused for a matrix that is not positive definite', () => {
    expect(upperFactor(Float64Array.of(1, 2, 2, 1), 2)).toBeNull();
  });
});

describe('second-order rounding', () => {
  it('is nearest rounding for uncorrelated inputs', () => {
    const random = seededRandom(seed);
    const n = 32;
    const gram = new Float64Array(n * n);
    for (let index = 0; index < n; index++) gram[index * n + index] = 1 + random.next();
    const weights = Float32Array.from({ length: n }, () => 3 * random.normal());
    const codes = new Int8Array(n);
    roundChannelByGram(weights, 1, factorGram(gram, n), grid, codes, 0);
    expect([...codes]).toEqual([...roundNearest(weights, 1, Float32Array.of(1), grid)]);
  });

  it('comes close to the best of all roundings where nearest does not', () => {
    const random = seededRandom(seed);
    const n = 8;
    let nearestSum = 0;
    let gramSum = 0;
    let bestSum = 0;
    for (let layer = 0; layer < 20; layer++) {
      const gram = randomGram(n, 64, random);
      const weights = Float32Array.from({ length: n }, () => 2 * random.normal());
      const codes = new Int8Array(n);
      const { error } = roundChannelByGram(weights, 1, factorGram(gram, n), grid, codes, 0);
      expect(error).toBeCloseTo(outputError(weights, codes, 1, gram), 6);
      let best = Infinity;
      for (let mask = 0; mask < 2 ** n; mask++) {
        const candidate = Array.from(weights, (weight, bit) =>
          Math.min(7, Math.max(-8, Math.floor(weight) + ((mask >> bit) & 1))),
        );
        best = Math.min(best, outputError(weights, candidate, 1, gram));
      }
      bestSum += best;
      gramSum += error;
      nearestSum += outputError(weights, roundNearest(weights, 1, Float32Array.of(1), grid), 1, gram);
    }
    expect(gramSum, `seed ${seed}`).toBeLessThan(nearestSum * 0.6);
    expect(gramSum, `seed ${seed}`).toBeLessThan(bestSum * 1.5);
  });

  it('rounds on with inputs that are always zero or equal to each other', () => {
    const n = 4;
    const gram = Float64Array.of(1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const codes = new Int8Array(n);
    const { error } = roundChannelByGram(Float32Array.of(0.4, 0.4, 2.2, -9), 1, factorGram(gram, n), grid, codes, 0);
    // Only the sum of the first two matters: 0.8 is nearest to 1.
    expect(codes[0] + codes[1]).toBe(1);
    expect([codes[2], codes[3]]).toEqual([2, -8]);
    expect(error).toBeCloseTo(0.04, 6);
    expect(roundChannelByGram(Float32Array.of(0.6), 1, factorGram(new Float64Array(1), 1), grid, codes, 0).error).toBe(
      0,
    );
  });
});
