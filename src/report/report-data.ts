/** What the HTML report is made from: the package, and whatever a search or a validation adds to it. */
import type { IntegerProgram } from '../graph/integer-program.ts';
import type { Manifest } from '../package/manifest.ts';
import type { Tables } from '../package/tables.ts';
import type { Verdict } from '../validate/verdict.ts';

/** The course of a search: one step per exponent tried, sweep made and rounding done. */
export interface SearchTrace {
  /** What the objective is, e.g. `divergence from the float model (KL)`. */
  readonly objective: string;
  /** `loss` is NaN where a candidate could not be expressed. */
  readonly steps: readonly { readonly phase: string; readonly detail: string; readonly loss: number }[];
}

export interface LayerCosts {
  readonly unit: string;
  /** One per operation; null where the device could not count. */
  readonly costs: readonly (number | null)[];
}

export interface Confusion {
  /** Rows are labels, columns predictions. */
  readonly matrix: readonly (readonly number[])[];
}

export interface ReportData {
  readonly manifest: Manifest;
  readonly tables: Tables;
  /** Unpacked program.bin. */
  readonly program: IntegerProgram;
  readonly search: SearchTrace | null;
  readonly verdict: Verdict | null;
  readonly layerCosts: LayerCosts | null;
  readonly confusion: Confusion | null;
  /** Accuracy as it was measured when the package was made, 0..1; null where there were no labels. */
  readonly quantized: {
    readonly metric: string;
    readonly float: number | null;
    readonly quantized: number | null;
  } | null;
}
