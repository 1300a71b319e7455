/**
 * A numeric profile: what a target's runtime does to each number, as data. The inner multiply-accumulate loop is the same for
 * all profiles; a profile picks the requantization rule and the few per-op rules that differ.
 */
import type { WeightRange } from '../graph/quantization-plan.ts';
import type { RuleId } from './rule.ts';

export type Rounding = 'half-away' | 'half-even' | 'half-up' | 'floor';

/** How the effective scale of an op is computed; order and precision are part of the semantics. D() is a cast to float64. */
export type ScaleProduct =
  /** D(si) * D(sw) / D(so) */
  | 'f64'
  /** D(f32(si * sw)) / D(so): TFLite fully connected per tensor */
  | 'f32-product-then-f64'
  /** f32(f32(si * sw) / so): ONNX Runtime */
  | 'f32';

export interface Evidence {
  readonly kind: 'oracle-run' | 'source-read' | 'hardware-run';
  readonly source: string;
}

export interface NumericProfile {
  readonly id: string;
  /** Number of the profile in the blob; never reused. */
  readonly code: number;
  readonly version: number;
  readonly title: string;
  readonly evidence: readonly Evidence[];
  /** Rule of every op that ends in a requantization, unless an op's own entry says otherwise. */
  readonly requantize: RuleId;
  readonly scaleProduct: {
    readonly conv: ScaleProduct;
    readonly fullyConnected: ScaleProduct;
    readonly fullyConnectedPerChannel: ScaleProduct;
    readonly mul: ScaleProduct;
    readonly sub: 'f64' | 'f32';
    readonly requantize: ScaleProduct;
  };
  readonly accumulator: { readonly bits: 20 | 32 | 64; readonly overflow: 'wrap' | 'saturate' };
  readonly activation: {
    readonly bits: readonly number[];
    /** `any`: asymmetric; `none`: always 0; `unsigned`: real 0 is the lowest code. */
    readonly zeroPoint: 'any' | 'none' | 'unsigned';
    readonly scale: 'any' | 'power-of-two';
    /** How the runtime's own files store 8-bit activations; storage inside bitwright is int8 always. */
    readonly native: 'int8' | 'uint8' | 'int16';
  };
  readonly weight: {
    readonly bits: readonly number[];
    readonly perChannel: boolean;
    readonly range: WeightRange;
    readonly scale: 'any' | 'power-of-two';
  };
  readonly bias: { readonly bits: 20 | 32 | 40 | 64 };
  /** Float input to integer: rounding of f32(x / s) before the zero point is added. */
  readonly quantizeInput: Exclude<Rounding, 'floor'>;
  /** Rounding of a fused activation's bound f32(bound / s). */
  readonly clampBound: Exclude<Rounding, 'floor'>;
  readonly add: 'left-shift' | 'float' | 'power-of-two' | 'multiply-shift';
  readonly mul: 'multiplier' | 'float' | 'power-of-two' | 'unsupported';
  /** `float` averages float32 values; `float-sum` scales the integer sum in float32 and rounds as `quantizeInput` does (ESP-DL). */
  readonly averagePool: 'integer-half-away' | 'integer-floor' | 'float' | 'float-sum';
  readonly globalAveragePool: 'mean' | 'float' | 'as-average-pool';
  readonly softmax: 'fixed-point' | 'unsupported';
  /** How 256-entry tables of unary functions are built. */
  readonly table: 'fixed-point' | 'float-half-away' | 'float-half-even' | 'float-half-up';
}
