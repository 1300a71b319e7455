/** What the HTML report is made from: the package, and whatever a search or a validation adds to it. */
import type { IntegerProgram } from '../graph/integer-program.ts';
import type { Manifest } from '../package/manifest.ts';
import type { Tables } from '../package/tables.ts';
import type { Verdict } from '../validate/verdict.ts';

/** The objective at every evaluation of a search, in order, and where its phases began. */
export interface SearchTrace {
  /** What the objective is, e.g. `KL divergence`. */
  readonly objective: string;
  readonly losses: readonly number[];
  readonly phases: readonly { readonly at: number; readonly name: string }[];
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
