/** What the phases of a search share: the setup, the evaluator, options, hooks and the trace that they write. */
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import type { ChannelMeans } from '../quantize/bias-correction.ts';
import type { SweepLoss } from './coordinate-sweep.ts';
import type { Evaluator } from './evaluator.ts';
import type { LayerGrams } from './layer-grams.ts';
import type { Rounding } from './layer-plan.ts';
import type { Setup } from './setup.ts';
import type { StartSteps } from './start-steps.ts';

export type Optimizer = 'sweep' | 'powell' | 'powell-scipy' | 'none';

export interface LapqOptions {
  /** Exponents of the layer-wise start. */
  readonly exponents: readonly number[];
  /** `robust`, or the published rule that extrapolates. */
  readonly vertex: 'robust' | 'published';
  readonly optimizer: Optimizer;
  /** Share of the fitting samples that each sweep of the joint search uses. */
  readonly shares: readonly number[];
  /** Outer iterations of Powell's method. */
  readonly iterations: number;
  readonly rounding: Rounding;
  readonly correctBias: boolean;
  /** After the joint search: times that weights are rounded on the quantized prefix and activations swept once more. */
  readonly rounds: number;
  readonly damping: number;
  /** Samples that correlations and means are taken from. */
  readonly roundingSamples: number;
  readonly seed: number;
}

export type Phase = 'start' | 'exponent' | 'joint' | 'rounding' | 'activations';

export interface SearchHooks {
  readonly onProgress?: (phase: Phase, done: number, total: number, loss: number) => void;
  /** True ends the search at the next step with the best plan so far. */
  readonly stopped?: () => boolean;
}

export interface TraceEntry {
  readonly phase: Phase;
  readonly detail: string;
  readonly fit: number;
  readonly heldOut: number;
}

export interface Search {
  readonly setup: Setup;
  readonly evaluator: Evaluator;
  readonly options: LapqOptions;
  readonly hooks: SearchHooks;
  readonly trace: TraceEntry[];
  /** Correlations of each layer's inputs in the 8-bit network, by position in `setup.layers`. */
  readonly grams: readonly (LayerGrams | null)[];
}

/** A plan with its loss over all samples, and the steps it came from. */
export interface Candidate {
  readonly plan: QuantizationPlan;
  readonly steps: StartSteps;
  readonly loss: SweepLoss;
  /** Channel means of each layer's input in the quantized network that this plan came from, by position in `setup.layers`. */
  readonly means: readonly (ChannelMeans | null)[];
}

/** The loss that decides between candidates: the held-out one where there are held-out samples. */
export function judgedLoss({ fit, heldOut }: SweepLoss): number {
  return Number.isNaN(heldOut) ? fit : heldOut;
}
