/** L_p-optimal steps against a published-style table: 8192 quantiles of the unit Gauss and Laplace distributions. */
import { describe, expect, it } from 'vitest';
import { codeRange } from '../../../src/graph/quantization-plan.ts';
import type { CodeGrid } from '../../../src/quantize/code-grid.ts';
import { distributionOfValues } from '../../../src/quantize/distribution.ts';
import { lpSteps } from '../../../src/quantize/lp-step.ts';
import { quantizationError, sumOfPowers } from '../../../src/quantize/quantization-error.ts';
import { gaussQuantiles, laplaceQuantiles } from './quantiles.ts';

const exponents = [2, 2.4, 3, 4];
const gauss = gaussQuantiles(8192);
const laplace = laplaceQuantiles(8192);

interface Row {
  readonly title: string;
  readonly grid: CodeGrid;
  readonly rectified: boolean;
  readonly gauss: readonly number[];
  readonly laplace: readonly number[];
}

const signed = (bits: number, range: 'full' | 'narrow' = 'full'): CodeGrid => ({
  ...codeRange(bits, range),
  zeroPoint: 0,
});
const unsigned = (bits: number): CodeGrid => ({ qMin: 0, qMax: 2 ** bits - 1, zeroPoint: 0 });

const rows: readonly Row[] = [
  {
    title: '2 bits full',
    grid: signed(2),
    rectified: false,
    gauss: [1.0486, 1.1239, 1.2305, 1.3911],
    laplace: [1.7167, 1.9397, 2.2742, 2.8161],
  },
  {
    title: '3 bits full',
    grid: signed(3),
    rectified: false,
    gauss: [0.6018, 0.64, 0.6929, 0.7717],
    laplace: [1.0777, 1.2116, 1.4048, 1.689],
  },
  {
    title: '4 bits full',
    grid: signed(4),
    rectified: false,
    gauss: [0.3383, 0.3593, 0.3878, 0.4254],
    laplace: [0.6604, 0.7419, 0.8512, 0.9794],
  },
  {
    title: '4 bits narrow',
    grid: signed(4, 'narrow'),
    rectified: false,
    gauss: [0.3533, 0.3747, 0.4031, 0.4403],
    laplace: [0.6869, 0.7717, 0.8837, 1.0185],
  },
  {
    title: '4 bits behind Relu',
    grid: unsigned(4),
    rectified: true,
    gauss: [0.1929, 0.2048, 0.2191, 0.2326],
    laplace: [0.4043, 0.4519, 0.5067, 0.5465],
  },
  {
    title: '8 bits full',
    grid: signed(8),
    rectified: false,
    gauss: [0.0295, 0.0297, 0.03, 0.03],
    laplace: [0.0692, 0.0698, 0.0703, 0.0704],
  },
  {
    title: '8 bits behind Relu',
    grid: unsigned(8),
    rectified: true,
    gauss: [0.015, 0.015, 0.015, 0.015],
    laplace: [0.0351, 0.0352, 0.0352, 0.0353],
  },
];

describe('L_p-optimal steps', () => {
  for (const row of rows) {
    for (const [family, quantiles, expected] of [
      ['Gauss', gauss, row.gauss],
      ['Laplace', laplace, row.laplace],
    ] as const) {
      it(`${row.title}, ${family}`, () => {
        const values = row.rectified ? quantiles.map((value) => Math.max(0, value)) : quantiles;
        const steps = lpSteps(distributionOfValues(values), row.grid, exponents);
        // The table has four decimals; 1e-3 relative beyond its own rounding.
        steps.forEach(({ step }, index) => {
          expect(Math.abs(step - expected[index])).toBeLessThan(1e-3 * expected[index] + 0.6e-4);
        });
      });
    }
  }

  it('places a free zero point where an asymmetric distribution wants it', () => {
    const values = gauss.map((value) => Math.max(-0.5, value));
    const grid: CodeGrid = { ...codeRange(4), zeroPoint: 'free' };
    const [found] = lpSteps(distributionOfValues(values), grid, [2]);
    let best = Infinity;
    for (let zeroPoint = -8; zeroPoint <= 7; zeroPoint++) {
      for (let step = 0.05; step < 0.6; step += 0.001) {
        best = Math.min(best, quantizationError(distributionOfValues(values), grid, { step, zeroPoint }, 2));
      }
    }
    expect(quantizationError(distributionOfValues(values), grid, found, 2)).toBeLessThan(best * 1.002);
  });

  it('gives step 0 for a tensor of zeros', () => {
    expect(lpSteps(distributionOfValues(new Float64Array(5)), signed(4), [2])).toEqual([{ step: 0, zeroPoint: 0 }]);
  });
});

describe('sums of powers', () => {
  const errors = Float64Array.of(0, 1e-6, 0.25, 0.7, 3);
  const counts = Float64Array.of(9, 5, 1, 0, 2);
  // Quarters take square roots, anything else a general power.
  it.each([1, 1.5, 2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 3.75, 4, 4.25, 4.75, 5, 2.4, 2.855])('p = %f', (p) => {
    const plain = errors.reduce((sum, error) => sum + error ** p, 0);
    const weighted = errors.reduce((sum, error, index) => sum + counts[index] * error ** p, 0);
    expect(sumOfPowers(errors, null, p) / plain).toBeCloseTo(1, 13);
    expect(sumOfPowers(errors, counts, p) / weighted).toBeCloseTo(1, 13);
  });
});
