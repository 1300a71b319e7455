/**
 * The L_p-optimal step: a logarithmic grid of steps and two finer ones around the best point of the grid before. The error has many
 * small local minima, so a bracketing search may stop anywhere. A free zero point is found by descent.
 */
import { roundHalfEven } from '../arithmetic/rounding.ts';
import { type CodeGrid, clampCode, fullRangeStep, type Step } from './code-grid.ts';
import type { Distribution } from './distribution.ts';
import { absoluteErrors, sumOfPowers } from './quantization-error.ts';

/** Steps from full range * 1.1 down to full range / 40. */
const gridPoints = 48;
const gridHighest = 1.1;
const gridLowest = 1 / 40;
const ratio = (gridHighest / gridLowest) ** (1 / (gridPoints - 1));
/** Points to each side of the best one, on two finer grids. */
const finePoints = [16, 8];

/** The optimal step for each exponent of `ps`; the grid is evaluated once for all of them. */
export function lpSteps(distribution: Distribution, grid: CodeGrid, ps: readonly number[]): Step[] {
  const full = fullRangeStep(distribution, grid);
  if (full.step === 0) return ps.map(() => full);
  const { zeroPoint } = grid;
  if (zeroPoint === 'free') return ps.map((p) => freeStep(distribution, grid, full, p));
  const errors = new Float64Array(distribution.values.length);
  const best = ps.map(() => ({ error: Infinity, step: full.step }));
  for (let point = 0; point < gridPoints; point++) {
    const step = full.step * gridHighest * ratio ** -point;
    absoluteErrors(distribution, grid, { step, zeroPoint }, errors);
    ps.forEach((p, index) => {
      const error = sumOfPowers(errors, distribution.counts, p);
      if (error < best[index].error) best[index] = { error, step };
    });
  }
  return ps.map((p, index) => {
    const evaluate = (step: number): number => {
      absoluteErrors(distribution, grid, { step, zeroPoint }, errors);
      return sumOfPowers(errors, distribution.counts, p);
    };
    return { step: refine(evaluate, best[index].step, best[index].error), zeroPoint };
  });
}

/** Two finer grids, each over one spacing of the one before to both sides; returns the best step seen, the start included. */
function refine(evaluate: (step: number) => number, start: number, startError: number): number {
  let best = { step: start, error: startError };
  let spacing = Math.log(ratio);
  for (const points of finePoints) {
    const centre = best.step;
    spacing /= points;
    for (let point = 1 - points; point < points; point++) {
      if (point === 0) continue;
      const step = centre * Math.exp(point * spacing);
      const error = evaluate(step);
      if (error < best.error) best = { step, error };
    }
  }
  return best.step;
}

function freeStep(distribution: Distribution, grid: CodeGrid, full: Step, p: number): Step {
  const errors = new Float64Array(distribution.values.length);
  const error = (step: Step): number => {
    absoluteErrors(distribution, grid, step, errors);
    return sumOfPowers(errors, distribution.counts, p);
  };
  let best = { ...full, error: error(full) };
  let start = full;
  for (let point = 0; point < gridPoints; point++) {
    const step = full.step * gridHighest * ratio ** -point;
    const found = descendZeroPoint(error, grid, step, start);
    start = found;
    if (found.error < best.error) best = found;
  }
  const evaluate = (step: number): number => {
    const found = descendZeroPoint(error, grid, step, best);
    if (found.error < best.error) best = found;
    return found.error;
  };
  refine(evaluate, best.step, best.error);
  return { step: best.step, zeroPoint: best.zeroPoint };
}

/** Walks the zero point downhill from where `near` puts the same relative range. */
function descendZeroPoint(
  error: (step: Step) => number,
  grid: CodeGrid,
  step: number,
  near: Step,
): Step & { error: number } {
  const centre = (grid.qMin + grid.qMax) / 2;
  const guess = centre - ((centre - near.zeroPoint) * near.step) / step;
  let zeroPoint = clampCode(roundHalfEven(guess), grid);
  let best = error({ step, zeroPoint });
  for (const direction of [1, -1]) {
    for (let next = zeroPoint + direction; next >= grid.qMin && next <= grid.qMax; next += direction) {
      const value = error({ step, zeroPoint: next });
      if (value >= best) break;
      best = value;
      zeroPoint = next;
    }
  }
  return { step, zeroPoint, error: best };
}
