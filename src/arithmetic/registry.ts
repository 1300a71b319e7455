/** Every requantization rule and numeric profile by id and by blob code. A new one is a file and a line in a list here. */
import { BitwrightError } from '../base/errors.ts';
import type { NumericProfile } from './profile.ts';
import { profile as cmsisNn } from './profiles/cmsis-nn.ts';
import { profile as espDlP4 } from './profiles/esp-dl-p4.ts';
import { profile as espDlS3 } from './profiles/esp-dl-s3.ts';
import { profile as int16x8 } from './profiles/int16x8.ts';
import { profile as onnxruntime } from './profiles/onnxruntime.ts';
import { profile as pulpNn } from './profiles/pulp-nn.ts';
import { profile as tfliteSingle } from './profiles/tflite-single.ts';
import { profile as tflmReference } from './profiles/tflm-reference.ts';
import type { RequantizeRule } from './rule.ts';
import { rule as double } from './rules/double.ts';
import { rule as float32 } from './rules/float32.ts';
import { rule as multiplyShiftFloor } from './rules/multiply-shift-floor.ts';
import { rule as reduced16 } from './rules/reduced-16.ts';
import { rule as shiftHalfEven } from './rules/shift-half-even.ts';
import { rule as shiftHalfUp } from './rules/shift-half-up.ts';
import { rule as single } from './rules/single.ts';

export const allRules: readonly RequantizeRule[] = [
  double,
  single,
  float32,
  shiftHalfUp,
  shiftHalfEven,
  multiplyShiftFloor,
  reduced16,
];

export const allProfiles: readonly NumericProfile[] = [
  cmsisNn,
  tflmReference,
  tfliteSingle,
  onnxruntime,
  espDlS3,
  espDlP4,
  pulpNn,
  int16x8,
];

/** Throws PROFILE_UNSUPPORTED, listing the known rules. */
export function getRule(id: string): RequantizeRule {
  return find('requantization rule', allRules, (entry) => entry.id === id, id);
}

export function ruleByCode(code: number): RequantizeRule {
  return find('requantization rule code', allRules, (entry) => entry.code === code, code);
}

/** Throws PROFILE_UNSUPPORTED, listing the known profiles. */
export function getProfile(id: string): NumericProfile {
  return find('numeric profile', allProfiles, (entry) => entry.id === id, id);
}

export function profileByCode(code: number): NumericProfile {
  return find('numeric profile code', allProfiles, (entry) => entry.code === code, code);
}

function find<T extends { readonly id: string; readonly code: number }>(
  what: string,
  entries: readonly T[],
  matches: (entry: T) => boolean,
  seen: string | number,
): T {
  const found = entries.find(matches);
  if (found !== undefined) return found;
  throw new BitwrightError('PROFILE_UNSUPPORTED', {
    message: `unknown ${what}`,
    seen,
    allowed: entries.map((entry) => `${entry.id} (${entry.code})`).join(', '),
  });
}
