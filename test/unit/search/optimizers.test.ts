/**
 * The optimizers against SciPy 1.17.1's recorded results and against functions whose minimum is known. Recorded with
 * `scipy.optimize.minimize(f, x0, method='Powell', options={...})`, `minimize_scalar(f, method='brent', options={'xtol': ...})` and
 * `bracket(f, xa=0., xb=1.)`.
 */
import { describe, expect, it } from 'vitest';
import { bracketMinimum, minimizeBrent } from '../../../src/search/brent.ts';
import { minimizePowell } from '../../../src/search/powell.ts';

const scalars = {
  quintic: (x: number) => (x - 2) ** 2 * x * (x + 2) ** 2,
  cosh: (x: number) => Math.cosh(x - 30),
  kink: (x: number) => Math.abs(x - 0.3) + 0.01 * x * x,
  well: (x: number) => -Math.exp(-((x - 5) ** 2)),
};

describe('bracketing and Brent, as SciPy', () => {
  it.each([
    { name: 'quintic', a: 0, b: -1.1616178351532116, c: -1.618034, fb: -8.161426594245787 },
    { name: 'cosh', a: 16.326238247889787, b: 27.416408577186104, c: 45.36068123577874, fb: 6.6600611153876175 },
    { name: 'kink', a: 1, b: 0, c: -1.618034, fb: 0.3 },
    { name: 'well', a: 2.618034, b: 5.2360680251559995, c: 9.472136091015262, fb: -0.9457962511128329 },
  ] as const)('brackets $name', async ({ name, a, b, c, fb }) => {
    const found = await bracketMinimum(async (x) => scalars[name](x));
    expect(found.valid).toBe(true);
    for (const [seen, expected] of [
      [found.a, a],
      [found.b, b],
      [found.c, c],
      [found.fb, fb],
    ]) {
      expect(seen).toBeCloseTo(expected, 11);
    }
  });

  it.each([
    { name: 'quintic', tolerance: 1.48e-8, x: -0.8944271909149247, evaluations: 12 },
    { name: 'quintic', tolerance: 1e-2, x: -0.8931171292918503, evaluations: 9 },
    { name: 'cosh', tolerance: 1.48e-8, x: 29.99999992587979, evaluations: 23 },
    { name: 'cosh', tolerance: 1e-2, x: 30.032543682443862, evaluations: 18 },
    { name: 'kink', tolerance: 1.48e-8, x: 0.2999999988968838, evaluations: 31 },
    { name: 'kink', tolerance: 1e-2, x: 0.30147136574809097, evaluations: 13 },
    { name: 'well', tolerance: 1.48e-8, x: 4.999999995678569, evaluations: 16 },
    { name: 'well', tolerance: 1e-2, x: 5.018430964116146, evaluations: 12 },
  ] as const)('minimises $name to $tolerance', async ({ name, tolerance, x, evaluations }) => {
    const found = await minimizeBrent(async (at) => scalars[name](at), tolerance);
    expect(found.evaluations).toBe(evaluations);
    expect(found.x).toBeCloseTo(x, 7);
  });

  it('answers on a plateau and on an endless slope without hanging', async () => {
    expect((await minimizeBrent(async () => 1, 1e-2)).value).toBe(1);
    expect((await minimizeBrent(async (x) => -x, 1e-2)).evaluations).toBeLessThan(3000);
  });
});

const vectors = {
  rosenbrock: ([x, y]: readonly number[]) => 100 * (y - x * x) ** 2 + (1 - x) ** 2,
  quadratic: (x: readonly number[]) => {
    const matrix = [
      [4, 1, 0.5],
      [1, 3, -0.7],
      [0.5, -0.7, 2],
    ];
    const d = [x[0] - 1, x[1] + 2, x[2] - 0.5];
    return d.reduce((sum, di, i) => sum + di * d.reduce((row, dj, j) => row + matrix[i][j] * dj, 0), 0) / 2 + 3;
  },
  ripple: (x: readonly number[]) =>
    x.reduce((sum, v) => sum + (v - 1.3) ** 2 + 0.1 * Math.sin(20 * v), 0) + 0.3 * x[0] * x[1],
};

describe('Powell, as SciPy', () => {
  it.each([
    { name: 'rosenbrock', start: [-1.2, 1], options: {}, x: [1, 1], evaluations: 607, iterations: 23 },
    {
      name: 'rosenbrock',
      start: [-1.2, 1],
      options: { iterationsMax: 1 },
      x: [-0.9949574225239424, 0.9899402726354868],
      evaluations: 19,
      iterations: 1,
    },
    {
      name: 'rosenbrock',
      start: [-1.2, 1],
      options: { iterationsMax: 2 },
      x: [-0.9842682646273503, 0.9791283792299703],
      evaluations: 44,
      iterations: 2,
    },
    {
      name: 'quadratic',
      start: [0, 0, 0],
      options: {},
      x: [1.0008485938839176, -1.9989068534969578, 0.5012107477204858],
      evaluations: 116,
      iterations: 4,
    },
    {
      name: 'quadratic',
      start: [0, 0, 0],
      options: { iterationsMax: 1 },
      x: [0.5625, -1.970833333333334, 0.618034],
      evaluations: 25,
      iterations: 1,
    },
    {
      name: 'ripple',
      start: [0.2, 3],
      options: {},
      x: [0.8764138861178978, 1.1776420348241945],
      evaluations: 83,
      iterations: 3,
    },
    {
      name: 'ripple',
      start: [0.2, 3],
      options: { xTolerance: 1e-3, fTolerance: 1e-6 },
      x: [0.8764139949599181, 1.1776420322198293],
      evaluations: 94,
      iterations: 4,
    },
  ] as const)('$name with $options', async ({ name, start, options, x, evaluations, iterations }) => {
    const found = await minimizePowell(async (at) => vectors[name](at), start, options);
    expect({ evaluations: found.evaluations, iterations: found.iterations }).toEqual({ evaluations, iterations });
    x.forEach((value, index) => {
      expect(found.x[index]).toBeCloseTo(value, 8);
    });
  });

  it('never ends above its start when safeguarded, whatever the function', async () => {
    // Far from the origin a unit step is garbage; the published mode may accept it, the safeguarded one may not.
    const spiky = async ([x]: readonly number[]): Promise<number> =>
      Math.abs(x - 0.01) < 0.005 ? 0 : 5 + Math.sin(50 * x);
    const found = await minimizePowell(spiky, [0.01], { safeguard: true });
    expect(found.value).toBe(0);
  });
});
