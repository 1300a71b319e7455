/** The integer grid onto which a tensor is quantized, and the step that covers a real range without clipping. */
import { roundHalfEven } from '../arithmetic/rounding.ts';
import type { Distribution } from './distribution.ts';

export interface CodeGrid {
  readonly qMin: number;
  readonly qMax: number;
  /** The code of real 0: fixed, or `free` where the method may place it (asymmetric activations). */
  readonly zeroPoint: number | 'free';
}

/** Real value = step * (code - zeroPoint); step > 0. */
export interface Step {
  readonly step: number;
  readonly zeroPoint: number;
}

/** The smallest step whose grid covers [low, high] and 0. Sides that a fixed zero point cannot express are clipped. Step 0 for an empty range. */
export function stepOfRange(low: number, high: number, grid: CodeGrid): Step {
  const below = Math.max(0, -low);
  const above = Math.max(0, high);
  if (grid.zeroPoint === 'free') {
    const step = (below + above) / (grid.qMax - grid.qMin);
    return { step, zeroPoint: step === 0 ? grid.qMin : clampCode(grid.qMin + roundHalfEven(below / step), grid) };
  }
  const codesBelow = grid.zeroPoint - grid.qMin;
  const codesAbove = grid.qMax - grid.zeroPoint;
  const stepBelow = codesBelow === 0 ? 0 : below / codesBelow;
  const stepAbove = codesAbove === 0 ? 0 : above / codesAbove;
  return { step: Math.max(stepBelow, stepAbove), zeroPoint: grid.zeroPoint };
}

/** The step that clips nothing. */
export function fullRangeStep(distribution: Distribution, grid: CodeGrid): Step {
  return stepOfRange(distribution.min, distribution.max, grid);
}

export function clampCode(code: number, grid: Pick<CodeGrid, 'qMin' | 'qMax'>): number {
  return Math.min(grid.qMax, Math.max(grid.qMin, code));
}
