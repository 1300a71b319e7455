/** Real bounds of a fused activation as integer codes of the output's scale. */

import { roundBy } from '../arithmetic/effective-scale.ts';
import type { Rounding } from '../arithmetic/profile.ts';
import type { FusedClamp } from '../graph/graph.ts';
import type { ActivationQuantization } from '../graph/quantization-plan.ts';

/**
 * q(bound) = zeroPoint + round(f32(bound / scale)), intersected with the code range. TFLite rounds half away
 * (kernel_util CalculateActivationRangeQuantized); the profile says which. An infinite bound is no bound.
 */
export function clampBounds(
  { scale, zeroPoint, qMin, qMax }: ActivationQuantization,
  clamp: FusedClamp | undefined,
  rounding: Exclude<Rounding, 'floor'>,
): { clampMin: number; clampMax: number } {
  const code = (bound: number): number =>
    zeroPoint + roundBy(rounding, Math.fround(Math.fround(bound) / Math.fround(scale)));
  const low = clamp === undefined || !Number.isFinite(clamp.min) ? qMin : code(clamp.min);
  const high = clamp === undefined || !Number.isFinite(clamp.max) ? qMax : code(clamp.max);
  const clampMin = Math.min(qMax, Math.max(qMin, low));
  return { clampMin, clampMax: Math.max(clampMin, Math.min(qMax, high)) };
}
