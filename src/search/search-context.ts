/** What the phases of a search share: the setup, the evaluator, options, hooks and the trace that they write. */
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import type { ChannelMeans } from '../quantize/bias-correction.ts';
import type { SweepLoss } from './coordinate-sweep.ts';
import type { Evaluator } from './evaluator.ts';
import type { Rounding } from './layer-plan.ts';
import type { Setup } from './setup.ts';
import type { StartSteps } from './start-steps.ts';
import type { WideInput } from './wide-inputs.ts';

export type Optimizer = 'sweep' | 'powell' | 'powell-scipy' | 'none';

export interface LapqOptions {
  /** Exponents of the layer-wise start. */
  readonly exponents: readonly number[];
  /** `robust`, or the published rule that extrapolates. */
  readonly vertex: 'robust' | 'published';
  readonly optimizer: Optimizer;
  /** Share of the fitting samples that each sweep of the joint search may use. */
  readonly shares: readonly number[];
  /** What a sweep may cost, in runs of the whole program over all samples; deep networks are swept on fewer samples instead. */
  readonly sweepPasses: number;
  /** First step of a sweep along each coordinate, in ln(scale), above 0; later ones grow to at most ten thirds of it. */
  readonly sweepStep: number;
  /** Outer iterations of Powell's method. */
  readonly iterations: number;
  readonly rounding: Rounding;
  readonly correctBias: boolean;
  /** After the joint search: times that weights are rounded on the quantized prefix and activations swept once more. */
  readonly rounds: number;
  /** Of second-order rounding, a share of the mean variance of a layer's inputs. */
  readonly damping: number;
  /**
   * The same in the last rounding, where targets are regressed on the inputs of few samples: what pulls them back to the weights.
   * `held-out`: for each layer what does best on samples that are held out, times `dampingMargin`.
   */
  readonly retargetDamping: number | 'held-out';
  /**
   * Times the damping that is best for a layer on held-out samples: the layers before it are fitted to the fitting samples too, which so come
   * to it cleaner than others ever will, and what is best for it alone trusts its inputs too much for the network.
   */
  readonly dampingMargin: number;
  /** Factors on the weight steps among which second-order rounding chooses for each channel. */
  readonly factors: readonly number[];
  /** Whether the joint search moves weight steps as well. */
  readonly searchWeights: boolean;
  /** Whether the last rounding makes up for what quantization has done to the inputs, and not only for its own errors. */
  readonly retarget: boolean;
  /** Samples that correlations and means are taken from. */
  readonly roundingSamples: number;
  readonly seed: number;
}

export type Phase = 'start' | 'exponent' | 'joint' | 'rounding' | 'activations';

export interface SearchHooks {
  /** Called when a phase begins; the first one is `start`. */
  readonly onPhase?: (phase: Phase) => void;
  readonly onProgress?: (phase: Phase, done: number, total: number, loss: number) => void;
  /** True ends the search at the next step with the best plan so far. */
  readonly stopped?: () => boolean;
}

export interface TraceEntry {
  readonly phase: Phase;
  readonly detail: string;
  readonly fit: number;
  readonly overall: number;
}

export interface Search {
  readonly setup: Setup;
  readonly evaluator: Evaluator;
  readonly options: LapqOptions;
  readonly hooks: SearchHooks;
  readonly trace: TraceEntry[];
  /** What each layer reads in the wide network, by position in `setup.layers`. */
  readonly wideInputs: readonly (WideInput | null)[];
}

/** A plan with its loss over all samples, and the steps it came from. */
export interface Candidate {
  readonly plan: QuantizationPlan;
  readonly steps: StartSteps;
  readonly loss: SweepLoss;
  /** Channel means of each layer's input in the quantized network that this plan came from, by position in `setup.layers`. */
  readonly means: readonly (ChannelMeans | null)[];
}

/** Mean loss over the held-out samples alone; over all of them where none are held out. */
function heldOutLoss({ fit, overall }: SweepLoss, { samples, fitting }: Evaluator): number {
  return samples === fitting ? overall : (overall * samples - fit * fitting) / (samples - fitting);
}

/**
 * Whether a phase is kept. A rounding fits every weight, a sweep a few dozen steps on part of the samples: both may learn what they see and be
 * lost on any other (MobileNetV2, a rounding on 256 samples: loss 0.34 -> 0.04 on those, 0.33 -> 1.09 on the others). So the held-out ones
 * weigh as much as all the others.
 */
export function helps(evaluator: Evaluator, after: SweepLoss, before: SweepLoss): boolean {
  const [own, other] = [after, before].map((loss) => loss.fit + heldOutLoss(loss, evaluator));
  // The loss of a plan that cannot be lowered is infinite, its held-out one no number: anything is better.
  return Number.isFinite(own) && !(own >= other);
}
