/** An evaluator over calibration samples that the pool keeps: what a search needs before its first step. */
import type { Statistics } from '../calibrate/statistics.ts';
import type { Metric } from '../data/dataset.ts';
import { createLowering } from '../lower/lower.ts';
import { chooseMethod } from '../quantize/choose-method.ts';
import { loadCodeProducts } from '../simulate/code-products.ts';
import type { SimulationPool } from '../simulate/engine.ts';
import type { RealSamples } from '../simulate/read-codes.ts';
import { createEvaluator, type Evaluator } from './evaluator.ts';
import type { Journal } from './journal.ts';
import { type ObjectiveTerm, selectSamples } from './objective.ts';
import { plainPlan } from './plain-plan.ts';
import { makeResident } from './resident-samples.ts';
import type { Setup } from './setup.ts';
import { stepsOfMethod } from './start-steps.ts';

export interface CalibrationSamples {
  /** One tensor per graph input, in the order that the statistics saw. */
  readonly inputs: RealSamples;
  readonly labels: Int32Array<ArrayBuffer> | null;
  readonly metric: Metric;
  /** What the loss is taken on instead, as many samples; absent: the calibration samples themselves. */
  readonly lossSamples?: LossSamples | undefined;
}

/** Samples without labels that the search is judged by, while statistics and correlations stay those of the calibration samples. */
export interface LossSamples {
  readonly inputs: RealSamples;
  /** The float model's values on them, as `Statistics.outputs`. */
  readonly outputs: Statistics['outputs'];
}

export interface ResidentRequest {
  readonly samples: CalibrationSamples;
  /** In the order of the samples that the loss is of. */
  readonly terms: readonly ObjectiveTerm[];
  readonly journal: Journal;
  /** Of the order of the samples. */
  readonly seed: number;
  /** Whether some samples are kept from the search, for its judge. */
  readonly holdOut: boolean;
}

/** Below this many samples none are held out. */
export const holdOutMin = 64;
/** Share of the samples that the search may fit. */
const fittingShare = 0.75;

/** The pool keeps the samples afterwards. Throws CALIBRATION_FAILED for fewer than two. */
export async function residentEvaluator(
  setup: Setup,
  pool: SimulationPool,
  { samples, terms, journal, seed, holdOut }: ResidentRequest,
): Promise<Evaluator> {
  const { graph, profile } = setup;
  const inputPlan = plainPlan(setup, stepsOfMethod(setup, chooseMethod('max-abs')));
  const { inputs, lossSamples } = samples;
  const sets = lossSamples === undefined ? [inputs] : [inputs, lossSamples.inputs];
  const order = await makeResident(pool, graph, inputPlan, sets, profile, seed);
  const count = order.length;
  return createEvaluator({
    lowering: createLowering(graph, profile),
    pool,
    products: await loadCodeProducts(),
    terms: terms.map((term) => selectSamples(term, order)),
    samples: count,
    lossFirst: lossSamples === undefined ? 0 : count,
    fitting: holdOut && count >= holdOutMin ? Math.round(count * fittingShare) : count,
    journal,
  });
}
