/** From steps to what a profile can deploy: code ranges, zero points and scales of activations. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { type ActivationQuantization, codeRange } from '../graph/quantization-plan.ts';
import type { CodeGrid, Step } from './code-grid.ts';
import type { Distribution } from './distribution.ts';
import { quantizationError } from './quantization-error.ts';

/**
 * The grid of an activation of `bits` bits. Codes are signed in storage. Values that are never negative put real 0 at the lowest
 * code; others get a free zero point, unless the profile fixes it.
 */
export function activationGrid(bits: number, oneSided: boolean, profile: NumericProfile): CodeGrid {
  const range = codeRange(bits);
  if (profile.activation.zeroPoint === 'none') return { ...range, zeroPoint: 0 };
  if (profile.activation.zeroPoint === 'unsigned' || oneSided) return { ...range, zeroPoint: range.qMin };
  return { ...range, zeroPoint: 'free' };
}

/** The smallest scale that is still a normal float32 with room for products of two of them. */
const scaleMin = 2 ** -60;

/** Rounds a positive step to a scale that the target can hold: float32, a power of two where it must be one. */
export function deployableScale(step: number, kind: 'any' | 'power-of-two'): number {
  const bounded = Math.max(step, scaleMin);
  return kind === 'any' ? Math.fround(bounded) : 2 ** Math.round(Math.log2(bounded));
}

/**
 * Of the two powers of two around a step, the one with the smaller mean squared error on the distribution; the step itself where any
 * scale will do. Zero points stay.
 */
export function snapStep(step: Step, distribution: Distribution, grid: CodeGrid, kind: 'any' | 'power-of-two'): Step {
  if (kind === 'any' || step.step === 0) return step;
  const exponent = Math.floor(Math.log2(step.step));
  const candidates = [2 ** exponent, 2 ** (exponent + 1)].map((candidate) => {
    const snapped = { step: candidate, zeroPoint: step.zeroPoint };
    return { snapped, error: quantizationError(distribution, grid, snapped, 2) };
  });
  return candidates[0].error <= candidates[1].error ? candidates[0].snapped : candidates[1].snapped;
}

/** The plan entry of a step. A step of 0 (a constant zero tensor) becomes scale 1: every code then stands for 0 or is unused. */
export function activationQuantization(bits: number, step: Step, profile: NumericProfile): ActivationQuantization {
  const scale = step.step === 0 ? 1 : deployableScale(step.step, profile.activation.scale);
  return { bits, scale, zeroPoint: step.zeroPoint, ...codeRange(bits) };
}
