/**
 * The quantization plan: the only thing that a search changes. Everything in the integer program follows from graph + plan + profile.
 * Plans are immutable; a changed entry is a new object and unchanged entries keep their identity (lowering memoises on it).
 */
import { pairSafeRange } from '../arithmetic/pair-saturation.ts';

/** Quantization of one activation value. Real = scale * (q - zeroPoint); `scale` is a float32 value. */
export interface ActivationQuantization {
  readonly bits: number;
  readonly scale: number;
  readonly zeroPoint: number;
  readonly qMin: number;
  readonly qMax: number;
}

/** Quantization of one weight tensor: zero point 0; scales per output channel (axis 0) or one. */
export interface WeightQuantization {
  readonly bits: number;
  readonly perChannel: boolean;
  /** Length = output channels or 1; float32 values. */
  readonly scales: Float32Array<ArrayBuffer>;
  /** Codes in the graph's own weight layout (OIHW, or [outputs, inputs] for fully connected); decided by a rounding method. */
  readonly codes: Int8Array<ArrayBuffer>;
  /** Float bias that replaces the graph's (bias correction), or null. */
  readonly bias: Float32Array<ArrayBuffer> | null;
}

export interface QuantizationPlan {
  /** By value name; every activation value of the graph has one. */
  readonly activations: ReadonlyMap<string, ActivationQuantization>;
  /** By node name; every node with weights (conv, depthwise-conv, conv-transpose, fully-connected, gather) has one. */
  readonly weights: ReadonlyMap<string, WeightQuantization>;
}

/**
 * Codes that weights may take. `full`: [-2^(b-1), 2^(b-1)-1]; `narrow` drops the lowest; `pair-safe` keeps 8-bit weights to 7 bits, so
 * that two neighbouring products with uint8 activations never saturate 16 bits (src/arithmetic/pair-saturation.ts).
 */
export type WeightRange = 'full' | 'narrow' | 'pair-safe';

/** Code range of a signed b-bit integer. */
export function codeRange(bits: number, range: WeightRange = 'full'): { qMin: number; qMax: number } {
  if (range === 'pair-safe' && bits === 8) return pairSafeRange;
  const qMax = 2 ** (bits - 1) - 1;
  return { qMin: range === 'narrow' ? -qMax : -qMax - 1, qMax };
}
