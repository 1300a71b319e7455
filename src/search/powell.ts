/**
 * Powell's direction-set method as SciPy runs it (`minimize(method='Powell')` without bounds): LAPQ's published joint search. The
 * start of every line search is the point reached so far, and a sweep's overall displacement may replace the direction that gained
 * most. `safeguard` keeps each line search from ending worse than it began.
 */
import { minimizeBrent } from './brent.ts';

export type VectorFunction = (x: readonly number[]) => Promise<number>;

export interface PowellOptions {
  readonly xTolerance?: number;
  readonly fTolerance?: number;
  readonly iterationsMax?: number;
  readonly evaluationsMax?: number;
  /** Length of the first probe along each coordinate; SciPy's is 1. */
  readonly unit?: number;
  /** Refuse line searches that raise the loss (SciPy accepts them). */
  readonly safeguard?: boolean;
  /** Called after each sweep. */
  readonly onIteration?: (x: readonly number[], value: number) => void;
}

export interface VectorMinimum {
  readonly x: readonly number[];
  readonly value: number;
  readonly evaluations: number;
  readonly iterations: number;
}

interface Point {
  readonly x: readonly number[];
  readonly value: number;
}

export async function minimizePowell(
  objective: VectorFunction,
  start: readonly number[],
  options: PowellOptions = {},
): Promise<VectorMinimum> {
  const { xTolerance = 1e-4, fTolerance = 1e-4, unit = 1, safeguard = false } = options;
  const count = start.length;
  const iterationsMax = options.iterationsMax ?? count * 1000;
  const evaluationsMax = options.evaluationsMax ?? (options.iterationsMax === undefined ? count * 1000 : Infinity);
  let evaluations = 0;
  const f: VectorFunction = (x) => {
    evaluations++;
    return objective(x);
  };
  const directions = start.map((_, row) => start.map((_, column) => (row === column ? unit : 0)));
  const search = (from: Point, direction: readonly number[]): Promise<Point & { step: readonly number[] }> =>
    lineSearch(f, from, direction, xTolerance * 100, safeguard);
  let point: Point = { x: [...start], value: await f(start) };
  let sweepStart = point.x;
  for (let iteration = 1; ; iteration++) {
    const before = point.value;
    let largest = { gain: 0, index: 0 };
    for (let index = 0; index < count; index++) {
      const next = await search(point, directions[index]);
      if (point.value - next.value > largest.gain) largest = { gain: point.value - next.value, index };
      point = next;
    }
    options.onIteration?.(point.x, point.value);
    const negligible = fTolerance * (Math.abs(before) + Math.abs(point.value)) + 1e-20;
    const done =
      2 * (before - point.value) <= negligible || evaluations >= evaluationsMax || iteration >= iterationsMax;
    if (done || (Number.isNaN(before) && Number.isNaN(point.value))) {
      return { ...point, evaluations, iterations: iteration };
    }
    const from = sweepStart;
    const displacement = point.x.map((value, index) => value - from[index]);
    sweepStart = point.x;
    const extrapolated = await f(point.x.map((value, index) => value + displacement[index]));
    if (!worthReplacing(before, extrapolated, point.value, largest.gain)) continue;
    const { step, ...next } = await search(point, displacement);
    point = next;
    if (step.every((value) => value === 0)) continue;
    directions[largest.index] = directions[count - 1];
    directions[count - 1] = [...step];
  }
}

/** Powell's test: whether the sweep's displacement is a direction of its own and not just the one that gained most. */
function worthReplacing(before: number, extrapolated: number, now: number, gain: number): boolean {
  if (!(before > extrapolated)) return false;
  const remainder = before - now - gain;
  const whole = before - extrapolated;
  return 2 * (before + extrapolated - 2 * now) * (remainder * remainder) - gain * (whole * whole) < 0;
}

async function lineSearch(
  f: VectorFunction,
  from: Point,
  direction: readonly number[],
  tolerance: number,
  safeguard: boolean,
): Promise<Point & { step: readonly number[] }> {
  if (direction.every((value) => value === 0)) return { ...from, step: direction };
  const at = (distance: number): number[] => from.x.map((value, index) => value + distance * direction[index]);
  const found = await minimizeBrent((distance) => f(at(distance)), tolerance);
  if (safeguard && !(found.value < from.value)) return { ...from, step: direction.map(() => 0) };
  const step = direction.map((value) => found.x * value);
  return { x: from.x.map((value, index) => value + step[index]), value: found.value, step };
}
