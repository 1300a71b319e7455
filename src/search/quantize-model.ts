/** The verb `quantize`: graph + statistics + calibration samples -> quantization plan, by LAPQ or by one initialiser alone. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import type { Statistics } from '../calibrate/statistics.ts';
import type { Graph } from '../graph/graph.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import { cutEpilogue } from '../lower/epilogue.ts';
import type { BitOptions } from '../quantize/bit-assignment.ts';
import { chooseMethod } from '../quantize/choose-method.ts';
import type { SimulationPool } from '../simulate/engine.ts';
import { judgedLoss } from './coordinate-sweep.ts';
import type { Evaluator, SearchCost } from './evaluator.ts';
import { createJournal, type JournalEntry } from './journal.ts';
import { searchLapq } from './lapq.ts';
import { floatLoss, type ObjectiveKind, objectiveOf } from './objective.ts';
import { createPhaseClock, type PhaseTime } from './phase-clock.ts';
import { planOfMethod } from './plan-of-method.ts';
import { type CalibrationSamples, holdOutMin, residentEvaluator } from './resident-evaluator.ts';
import type { LapqOptions, Phase, SearchHooks, TraceEntry } from './search-context.ts';
import { prepareSetup, type Setup } from './setup.ts';

export type { CalibrationSamples, LossSamples } from './resident-evaluator.ts';

export interface QuantizeOptions extends LapqOptions {
  /** `lapq`, or an initialiser of src/quantize/methods (`mmse`, `lp-norm:2.4`). */
  readonly method: string;
  readonly bits: BitOptions;
  readonly perChannel: boolean;
  /** Scale channels against each other first (calibrate-model.ts); `quantizeModel` itself takes the graph as it is. */
  readonly equalize: boolean;
  readonly objective: ObjectiveKind | 'auto';
  /**
   * Share of another calibration sample in each one that the loss is taken on (blended-samples.ts), 0 to 0.5; `quantizeModel` itself
   * takes the samples as they are.
   */
  readonly blend: number;
  /** Logits are divided by it before a divergence: a model that has fitted its calibration images says more with soft answers. */
  readonly temperature: number;
}

/** What a plain `quantize --weights W --activations A` uses. */
export function defaultOptions(weights: number, activations: number): QuantizeOptions {
  return {
    method: 'lapq',
    bits: { weights, activations, policy: 'residual', edges: 8, depthwise: weights, overrides: [] },
    perChannel: true,
    equalize: true,
    objective: 'auto',
    blend: 0,
    temperature: 1,
    optimizer: 'sweep',
    exponents: [2, 2.5, 3, 3.5, 4],
    vertex: 'robust',
    shares: [1],
    sweepPasses: 30,
    sweepStep: 0.15,
    iterations: 2,
    rounding: 'gram',
    correctBias: true,
    rounds: 1,
    damping: 0.01,
    retargetDamping: 'held-out',
    dampingMargin: 10,
    factors: [1],
    searchWeights: true,
    retarget: true,
    roundingSamples: 512,
    seed: 1,
  };
}

export interface QuantizeProgress {
  readonly phase: Phase;
  readonly done: number;
  readonly total: number;
  /** Mean loss of the best point so far; NaN before there is one. */
  readonly loss: number;
  /** Evaluations so far, in runs of the whole program over all calibration samples. */
  readonly fullEquivalents: number;
}

export interface QuantizeHooks {
  readonly onProgress?: (progress: QuantizeProgress) => void;
  /** Ends the search at its next step; the best plan so far is returned, `interrupted`. */
  readonly signal?: AbortSignal;
  /** Losses of an interrupted run with the same inputs and options. */
  readonly journal?: readonly JournalEntry[];
  /** Called with every loss as it is found: what is kept of them is the `journal` of a later run. */
  readonly onJournal?: (entry: JournalEntry) => void;
}

export interface QuantizationResult {
  readonly plan: QuantizationPlan;
  readonly loss: {
    readonly objective: ObjectiveKind;
    readonly float: number;
    readonly initial: number;
    readonly final: number;
  };
  readonly evaluations: SearchCost;
  /** Wall time; the one part of a result that differs from run to run. */
  readonly times: readonly PhaseTime[];
  readonly trace: readonly TraceEntry[];
  readonly warnings: readonly string[];
  readonly interrupted: boolean;
  readonly journal: readonly JournalEntry[];
}

function sampleWarnings({ samples }: Evaluator): string[] {
  if (samples >= holdOutMin) return [];
  return [
    `only ${samples} calibration samples: below ${holdOutMin} none are held out to judge the search; 100 to 500 are better`,
  ];
}

/** The pool keeps the calibration samples afterwards. Throws what the stages throw: USAGE, DATASET_*, CALIBRATION_FAILED, TARGET_LIMIT, ... */
export async function quantizeModel(
  graph: Graph,
  statistics: Statistics,
  samples: CalibrationSamples,
  profile: NumericProfile,
  options: QuantizeOptions,
  pool: SimulationPool,
  hooks: QuantizeHooks = {},
): Promise<QuantizationResult> {
  const chosen = options.method === 'lapq' ? null : chooseMethod(options.method);
  const { setup, wide } = setupsOf(graph, statistics, profile, options);
  const { lossSamples } = samples;
  const terms = objectiveOf(graph, (lossSamples ?? statistics).outputs, {
    metric: samples.metric,
    labels: lossSamples === undefined ? samples.labels : null,
    kind: options.objective,
    temperature: options.temperature,
  });
  const stopped = (): boolean => hooks.signal?.aborted ?? false;
  const { onJournal } = hooks;
  const journal = createJournal(hooks.journal, { stopped, ...(onJournal === undefined ? {} : { onEntry: onJournal }) });
  const resident = { samples, terms, journal, seed: options.seed, holdOut: true };
  const evaluator = await residentEvaluator(setup, pool, resident);
  const clock = createPhaseClock(() => evaluator.simulateSeconds);
  clock.enter('start');
  const searchHooks: SearchHooks = {
    stopped,
    onPhase: clock.enter,
    onProgress: (phase, done, total, loss) =>
      hooks.onProgress?.({ phase, done, total, loss, fullEquivalents: evaluator.cost.fullEquivalents }),
  };
  const { plan, initial, final, trace } =
    chosen === null
      ? await searchLapq(setup, wide, evaluator, options, searchHooks)
      : await planOfMethod(setup, evaluator, chosen, options, searchHooks);
  return {
    plan,
    loss: { objective: terms[0].kind, float: floatLoss(terms), initial: judgedLoss(initial), final: judgedLoss(final) },
    evaluations: evaluator.cost,
    times: clock.times(),
    trace,
    warnings: [...setup.warnings, ...sampleWarnings(evaluator)],
    interrupted: stopped(),
    journal: journal.entries(),
  };
}

function setupsOf(
  graph: Graph,
  statistics: Statistics,
  profile: NumericProfile,
  options: QuantizeOptions,
): { setup: Setup; wide: Setup } {
  const cut = cutEpilogue(graph, profile).graph;
  const request = { graph: cut, profile, statistics, bits: options.bits, perChannel: options.perChannel };
  const widest = {
    weights: Math.max(...profile.weight.bits),
    depthwise: Math.max(...profile.weight.bits),
    activations: Math.max(...profile.activation.bits),
  };
  return {
    setup: prepareSetup(request),
    wide: prepareSetup({ ...request, bits: { ...options.bits, ...widest, overrides: [] } }),
  };
}
