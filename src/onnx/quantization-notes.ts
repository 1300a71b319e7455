/** What an already quantized model says of its numbers, noted while it is imported as a float graph. Codes are kept signed: a uint8 code is 128 lower. */
import type { ActivationQuantization } from '../graph/quantization-plan.ts';

export interface WeightNote {
  /** One scale, or one per output channel; float32 values. */
  readonly scales: Float32Array<ArrayBuffer>;
  readonly bits: number;
}

/** Codes as the file stores them; `lowered` is what takes them to the signed range. */
export interface CodeType {
  readonly bits: number;
  readonly qMin: number;
  readonly qMax: number;
  readonly lowered: number;
}

export interface QuantizationNotes {
  /** By value name of the graph. */
  readonly activations: Map<string, ActivationQuantization>;
  /** By constant name: constants that are codes times scales. */
  readonly weights: Map<string, WeightNote>;
  /** Constants made from others by moving their elements, to where they come from. */
  readonly sources: Map<string, string>;
  /** Values that are codes in the file, by their name there. */
  readonly codes: Map<string, CodeType>;
}

export function createNotes(): QuantizationNotes {
  return { activations: new Map(), weights: new Map(), sources: new Map(), codes: new Map() };
}

/** The note of a constant, or of what it was made from. */
export function weightNote(notes: QuantizationNotes, constant: string): WeightNote | undefined {
  for (let name: string | undefined = constant; name !== undefined; name = notes.sources.get(name)) {
    const note = notes.weights.get(name);
    if (note !== undefined) return note;
  }
  return undefined;
}

export function sameQuantization(a: ActivationQuantization, b: ActivationQuantization): boolean {
  return a.scale === b.scale && a.zeroPoint === b.zeroPoint && a.bits === b.bits;
}
