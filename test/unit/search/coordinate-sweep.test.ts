/** Coordinate sweeps and the parabola over p, on functions whose minimum is known. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { type SweepOptions, type SweepProblem, sweepCoordinates } from '../../../src/search/coordinate-sweep.ts';
import { minimizePowell } from '../../../src/search/powell.ts';
import { fitParabola, indexOfBest, publishedVertex, robustVertex } from '../../../src/search/quadratic.ts';

const options: SweepOptions = { shares: [0.25, 0.5, 1], step: 0.15, stepMin: 0.02, stepMax: 0.5, negligible: 1e-3 };

/** A log-quadratic bowl with coupled neighbours and ripples: what a network's loss over ln(step) looks like. */
function bowl(count: number, seed: number) {
  const random = seededRandom(seed);
  const optimum = Array.from({ length: count }, () => 0.6 * (random.next() - 0.5));
  const curvature = Array.from({ length: count }, () => 0.5 + 2 * random.next());
  const at = (theta: readonly number[]): number => {
    let loss = 0.5;
    for (let index = 0; index < count; index++) {
      const distance = theta[index] - optimum[index];
      loss += curvature[index] * distance * distance + 0.002 * Math.sin(40 * theta[index]);
      if (index > 0) loss += 0.6 * distance * (theta[index - 1] - optimum[index - 1]);
    }
    return loss;
  };
  return { at, optimum };
}

function problemOf(at: (theta: readonly number[]) => number, count: number, seen: number[] = []): SweepProblem {
  return {
    coordinates: Array.from({ length: count }, (_, index) => ({
      name: `c${index}`,
      low: -2,
      high: 2,
      smallest: 0.001,
    })),
    loss: async (theta, _share, judge) => {
      const value = at(theta);
      seen.push(value);
      return { fit: value, overall: judge ? value : Number.NaN };
    },
  };
}

describe('coordinate sweeps', () => {
  it.each([1, 2, 3])('reach the loss of Powell at a fraction of its evaluations (seed %i)', async (seed) => {
    const count = 24;
    const { at, optimum } = bowl(count, seed);
    const start = new Array<number>(count).fill(0);
    const seen: number[] = [];
    const result = await sweepCoordinates(problemOf(at, count, seen), start, options);
    const powell = await minimizePowell(async (theta) => at(theta), start, {
      iterationsMax: 1,
      unit: 0.1,
      safeguard: true,
    });
    expect(result.loss.fit).toBeLessThan(result.start.fit);
    expect(result.loss.fit - at(optimum)).toBeLessThan(0.15 * (result.start.fit - at(optimum)));
    expect(result.loss.fit).toBeLessThan(powell.value * 1.01);
    expect(seen.length).toBeLessThan(4 * 3 * count);
  });

  it('finds the vertex of one parabola in its first visit', async () => {
    const result = await sweepCoordinates(
      problemOf(([x]) => 1 + (x - 0.2) ** 2, 1),
      [0],
      options,
    );
    expect(result.theta[0]).toBeCloseTo(0.2, 9);
  });

  it('stays inside the bounds and off what is infinite', async () => {
    const at = ([x, y]: readonly number[]): number => (x > 0.3 ? Infinity : -x + (y + 9) ** 2);
    const result = await sweepCoordinates(problemOf(at, 2), [0, 0], { ...options, shares: [1, 1, 1, 1, 1, 1] });
    expect(result.theta[0]).toBeLessThanOrEqual(0.3);
    expect(result.theta[0]).toBeGreaterThan(0.2);
    expect(result.theta[1]).toBeLessThan(-1.3);
    expect(result.theta[1]).toBeGreaterThanOrEqual(-2);
  });

  it('moves by whole powers of two where the target has no other scales', async () => {
    const problem = problemOf(([x]) => (Math.round(x / Math.LN2) - 2) ** 2, 1);
    const coordinates = [{ ...problem.coordinates[0], smallest: Math.LN2 }];
    const result = await sweepCoordinates({ ...problem, coordinates }, [0], options);
    expect(Math.round(result.theta[0] / Math.LN2)).toBe(2);
  });

  it('returns the start when all samples together get worse, although the fitted ones improve', async () => {
    const problem: SweepProblem = {
      coordinates: [{ name: 'only', low: -2, high: 2, smallest: 0 }],
      loss: async ([x], _share, judge) => ({ fit: (x - 1) ** 2, overall: judge ? 1 + x * x : Number.NaN }),
    };
    const result = await sweepCoordinates(problem, [0], options);
    expect(result.theta).toEqual([0]);
    expect(result.sweeps.length).toBeGreaterThan(0);
  });

  it('keeps the best so far when it is stopped', async () => {
    let calls = 0;
    const problem = problemOf((theta) => theta.reduce((sum, value) => sum + (value - 0.1) ** 2, 0), 8);
    const result = await sweepCoordinates(problem, new Array<number>(8).fill(0), {
      ...options,
      stopped: () => calls++ > 4,
    });
    expect(result.loss.fit).toBeLessThan(result.start.fit);
    expect(result.theta.filter((value) => value !== 0).length).toBeLessThan(6);
  });
});

describe('the parabola over p', () => {
  const sample = (p: number, loss: number) => ({ p, loss });

  it('is the least-squares fit', () => {
    const samples = [2, 2.5, 3, 3.7, 4].map((p) => sample(p, 3 * p * p - 18 * p + 40));
    const { a, b, c } = fitParabola(samples) as NonNullable<ReturnType<typeof fitParabola>>;
    expect([a, b, c].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([3, -18, 40]);
    expect(robustVertex(samples)).toBeCloseTo(3, 9);
    // numpy.polyfit([2, 2.4, 2.8, 3.2, 3.6, 4], [1.9, 1.3, 1.25, 1.1, 1.4, 1.6], 2)
    const noisy = [1.9, 1.3, 1.25, 1.1, 1.4, 1.6].map((loss, index) => sample(2 + 0.4 * index, loss));
    const fitted = fitParabola(noisy) as NonNullable<ReturnType<typeof fitParabola>>;
    expect(fitted.a).toBeCloseTo(0.60267857, 7);
    expect(fitted.b).toBeCloseTo(-3.7125, 7);
    expect(fitted.c).toBeCloseTo(6.85714286, 7);
  });

  it('does not trust a vertex outside the samples or of a hill', () => {
    const beyond = [2, 3, 4].map((p) => sample(p, (p - 5) ** 2));
    const hill = [2, 3, 4].map((p) => sample(p, -((p - 3.1) ** 2)));
    expect(robustVertex(beyond)).toBeNull();
    expect(robustVertex(hill)).toBeNull();
    expect(publishedVertex(beyond)).toBeCloseTo(5, 9);
    expect(publishedVertex(hill)).toBeCloseTo(3.1, 9);
    expect(indexOfBest(hill)).toBe(0);
  });

  it('needs three finite samples', () => {
    expect(fitParabola([sample(2, 1), sample(3, Infinity), sample(4, 2)])).toBeNull();
    expect(robustVertex([sample(2, 1), sample(3, 2)])).toBeNull();
  });
});
