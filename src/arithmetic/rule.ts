/** A requantization rule: how an accumulator becomes an output code. One file per rule in src/arithmetic/rules, one C inline function each. */

export type RuleId =
  | 'double'
  | 'single'
  | 'float32'
  | 'shift-half-up'
  | 'shift-half-even'
  | 'multiply-shift-floor'
  | 'reduced-16';

/** What the kernel reads per channel: two words. Their meaning belongs to the rule (`float32` keeps a bit pattern in `multiplier`). */
export interface EncodedScale {
  readonly multiplier: number;
  readonly shift: number;
}

export interface RequantizeRule {
  readonly id: RuleId;
  /** Number of the rule in the blob; never reused. */
  readonly code: number;
  /** Encodes an effective real scale (already in the profile's product order). Throws PROFILE_UNSUPPORTED where it cannot be expressed. */
  encode(scale: number): EncodedScale;
  /** The real scale that the encoded pair stands for, for reports and proofs. */
  decode(encoded: EncodedScale): number;
  /**
   * One accumulator to one output code: rounded, zero point added, clamped, in the order of the rule.
   * `accumulator` is an int32 (an exact integer below 2^47 for `reduced-16`).
   */
  requantize(accumulator: number, encoded: EncodedScale, zeroPoint: number, clampMin: number, clampMax: number): number;
}
