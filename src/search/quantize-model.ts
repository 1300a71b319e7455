/** The verb `quantize`: graph + statistics + calibration samples -> quantization plan, by LAPQ or by one initialiser alone. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Statistics } from '../calibrate/statistics.ts';
import type { Metric } from '../data/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import { cutEpilogue } from '../lower/epilogue.ts';
import { createLowering } from '../lower/lower.ts';
import type { BitOptions } from '../quantize/bit-assignment.ts';
import { chooseMethod } from '../quantize/choose-method.ts';
import { loadCodeProducts } from '../simulate/code-products.ts';
import type { SimulationPool } from '../simulate/engine.ts';
import { createEvaluator, type Evaluator, type SearchCost } from './evaluator.ts';
import { createJournal, type Journal, type JournalEntry } from './journal.ts';
import { searchLapq } from './lapq.ts';
import { floatLoss, type ObjectiveKind, type ObjectiveTerm, objectiveOf, selectSamples } from './objective.ts';
import { createPhaseClock, type PhaseTime } from './phase-clock.ts';
import { plainPlan } from './plain-plan.ts';
import { planOfMethod } from './plan-of-method.ts';
import { makeResident } from './resident-samples.ts';
import { judgedLoss, type LapqOptions, type Phase, type SearchHooks, type TraceEntry } from './search-context.ts';
import { prepareSetup, type Setup } from './setup.ts';
import { stepsOfMethod } from './start-steps.ts';

export interface CalibrationSamples {
  /** One tensor per graph input, [samples, ...], in the order that the statistics saw. */
  readonly inputs: readonly Tensor[];
  readonly labels: Int32Array<ArrayBuffer> | null;
  readonly metric: Metric;
}

export interface QuantizeOptions extends LapqOptions {
  /** `lapq`, or an initialiser of src/quantize/methods (`mmse`, `lp-norm:2.4`). */
  readonly method: string;
  readonly bits: BitOptions;
  readonly perChannel: boolean;
  /** Scale channels against each other first (calibrate-model.ts); `quantizeModel` itself takes the graph as it is. */
  readonly equalize: boolean;
  readonly objective: ObjectiveKind | 'auto';
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
    temperature: 1,
    optimizer: 'sweep',
    exponents: [2, 2.5, 3, 3.5, 4],
    vertex: 'robust',
    shares: [1],
    sweepPasses: 30,
    iterations: 2,
    rounding: 'gram',
    correctBias: true,
    rounds: 1,
    damping: 0.01,
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

/** Below this many samples none are held out. */
const holdOutMin = 64;
/** Share of the samples that the search may fit. */
const fittingShare = 0.75;

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
  const terms = objectiveOf(graph, statistics, {
    ...samples,
    kind: options.objective,
    temperature: options.temperature,
  });
  const stopped = (): boolean => hooks.signal?.aborted ?? false;
  const { onJournal } = hooks;
  const journal = createJournal(hooks.journal, { stopped, ...(onJournal === undefined ? {} : { onEntry: onJournal }) });
  const evaluator = await residentEvaluator(setup, samples, terms, options, pool, journal);
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

async function residentEvaluator(
  setup: Setup,
  samples: CalibrationSamples,
  terms: readonly ObjectiveTerm[],
  options: QuantizeOptions,
  pool: SimulationPool,
  journal: Journal,
): Promise<Evaluator> {
  const { graph, profile } = setup;
  const inputPlan = plainPlan(setup, stepsOfMethod(setup, chooseMethod('max-abs')));
  const order = await makeResident(pool, graph, inputPlan, samples.inputs, profile, options.seed);
  const count = order.length;
  return createEvaluator({
    lowering: createLowering(graph, profile),
    pool,
    products: await loadCodeProducts(),
    terms: terms.map((term) => selectSamples(term, order)),
    samples: count,
    fitting: count < holdOutMin ? count : Math.round(count * fittingShare),
    journal,
  });
}
