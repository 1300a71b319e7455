/** The checks of effective scales that requantization rules share. */
import { BitwrightError } from '../base/errors.ts';
import type { RuleId } from './rule.ts';

/** Throws PROFILE_UNSUPPORTED for an effective scale that no rule can express: negative, NaN or infinite. */
export function requireScale(rule: RuleId, scale: number): void {
  if (scale >= 0 && scale < Number.POSITIVE_INFINITY) return;
  throw scaleError(rule, scale, 'a finite number >= 0');
}

export function scaleError(rule: RuleId, scale: number, allowed: string): BitwrightError {
  return new BitwrightError('PROFILE_UNSUPPORTED', {
    message: `the requantization rule '${rule}' cannot express this effective scale`,
    seen: scale,
    allowed,
    next: 'Calibrate again: the ratio of input, weight and output scales is out of range.',
  });
}
