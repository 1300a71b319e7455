/**
 * Runs candidate plans: lowers, packs and simulates the bytes that would ship, and turns the output codes into a loss. It also keeps
 * the account of what the search costs. Samples [0, fitting) are the search's; the rest are held out for its judge. Moments of inner
 * values are always of the calibration samples, the loss may be of other ones.
 */
import { assert, BitwrightError } from '../base/errors.ts';
import { activationBytes, type IntegerProgram, type ProgramTensor, tensorElements } from '../graph/integer-program.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import type { Lowering } from '../lower/lower.ts';
import { pack } from '../package/pack.ts';
import type { LayerInput } from '../quantize/input-patches.ts';
import type { CodeProducts } from '../simulate/code-products.ts';
import type { SimulationPool } from '../simulate/engine.ts';
import type { SweepLoss } from './coordinate-sweep.ts';
import { createCostMeter } from './cost-meter.ts';
import type { Journal } from './journal.ts';
import { type ObjectiveTerm, sampleLosses } from './objective.ts';

export interface Evaluator {
  readonly samples: number;
  readonly fitting: number;
  /** Mean loss over the first `share` of the fitting samples; with `judge` over all of them, and over all samples too. */
  loss(plan: QuantizationPlan, share: number, judge: boolean): Promise<SweepLoss>;
  /** Gives `use` the codes of a value for samples [0, samples), in order and in parts of bounded size. */
  codes(plan: QuantizationPlan, value: string, samples: number, use: (part: LayerInput) => void): Promise<void>;
  /** Mean of each channel (the last axis) of a value over all samples, real units. */
  channelMeans(plan: QuantizationPlan, value: string, channels: number): Promise<Float64Array<ArrayBuffer>>;
  /** For the moments of codes. */
  readonly products: CodeProducts;
  readonly cost: SearchCost;
  /** Wall time spent waiting for the simulator so far. */
  readonly simulateSeconds: number;
}

/** What a search asked for. The same for a search that was resumed, which takes some of it from its journal. */
export interface SearchCost {
  readonly count: number;
  readonly fullEquivalents: number;
}

export interface EvaluatorRequest {
  readonly lowering: Lowering;
  readonly pool: SimulationPool;
  readonly products: CodeProducts;
  /** In the order of the samples that the loss is of. */
  readonly terms: readonly ObjectiveTerm[];
  readonly samples: number;
  /** Position in the pool of the first sample that the loss is of: 0, or `samples` where it is not of the calibration samples. */
  readonly lossFirst: number;
  /** Samples that the search may fit; the others are held out. */
  readonly fitting: number;
  readonly journal: Journal;
}

/** Codes that are in hand at once while the search looks at the inputs of a layer. */
export const partBytesMax = 32 * 2 ** 20;

export function createEvaluator(request: EvaluatorRequest): Evaluator {
  const { lowering, pool, products, terms, samples, lossFirst, fitting, journal } = request;
  const meter = createCostMeter(samples);
  let count = 0;
  let simulateSeconds = 0;
  const timed = async <T>(simulation: Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await simulation;
    simulateSeconds += (performance.now() - started) / 1000;
    return result;
  };
  const lossOf = async (program: IntegerProgram, tensors: readonly number[], run: number): Promise<Float64Array> => {
    const results = await timed(pool.run(pack(program), { tensors, first: lossFirst, samples: lossFirst + run }));
    const losses = new Float64Array(run);
    terms.forEach((term, index) => {
      const own = sampleLosses(term, results[index], program.tensors[tensors[index]], run);
      for (let sample = 0; sample < run; sample++) losses[sample] += own[sample];
    });
    return losses;
  };
  return {
    samples,
    fitting,
    products,
    get cost() {
      return { count, fullEquivalents: meter.fullEquivalents };
    },
    get simulateSeconds() {
      return simulateSeconds;
    },
    async loss(plan, share, judge) {
      count++;
      const used = judge ? fitting : Math.max(1, Math.min(fitting, Math.round(share * fitting)));
      const run = judge ? samples : used;
      const program = lowerOrNull(lowering, plan);
      const tensors = program === null ? [] : terms.map((term) => tensorIndex(program, term.value));
      if (program !== null) meter.add(program, tensors, run);
      const known = journal.next();
      if (known !== null) return known;
      if (program === null) return journal.append({ fit: Infinity, overall: judge ? Infinity : Number.NaN });
      const losses = await lossOf(program, tensors, run);
      const overall = judge ? mean(losses, 0, samples) : Number.NaN;
      return journal.append({ fit: mean(losses, 0, used), overall });
    },
    async codes(plan, value, wanted, use) {
      const program = lowering(plan);
      const index = tensorIndex(program, value);
      meter.add(program, [index], wanted);
      const tensor = program.tensors[index];
      const { scale, zeroPoint } = tensor;
      const bytes = pack(program);
      const partSamples = Math.max(1, Math.floor(partBytesMax / sampleBytes(tensor)));
      for (let first = 0; first < wanted; first += partSamples) {
        const end = Math.min(wanted, first + partSamples);
        const [codes] = await timed(pool.run(bytes, { tensors: [index], first, samples: end }));
        use({ codes, first, samples: end - first, scale, zeroPoint });
      }
    },
    async channelMeans(plan, value, channels) {
      const program = lowering(plan);
      const index = tensorIndex(program, value);
      const tensor = program.tensors[index];
      meter.add(program, [index], samples);
      const sums = await timed(pool.sumChannels(pack(program), index, channels, samples));
      const positions = (tensorElements(tensor) / channels) * samples;
      return sums.map((sum) => tensor.scale * (sum / positions - tensor.zeroPoint));
    },
  };
}

/** Scales that the profile cannot express are no error of the user's: that candidate is just infinitely bad. */
function lowerOrNull(lowering: Lowering, plan: QuantizationPlan): IntegerProgram | null {
  try {
    return lowering(plan);
  } catch (error) {
    const outOfRange = ['PROFILE_UNSUPPORTED', 'ACCUMULATOR_OVERFLOW'];
    if (error instanceof BitwrightError && outOfRange.includes(error.code)) return null;
    throw error;
  }
}

function sampleBytes(tensor: ProgramTensor): number {
  return tensorElements(tensor) * activationBytes[tensor.dtype];
}

function tensorIndex(program: IntegerProgram, value: string): number {
  const index = program.tensors.findIndex((tensor) => tensor.name === value);
  assert(index >= 0, `The program has no tensor of the value ${value}.`);
  return index;
}

/** In sample order and float64, so that the sum is the same whatever computed the parts. NaN where there are none. */
function mean(losses: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let sample = from; sample < to; sample++) sum += losses[sample];
  return sum / (to - from);
}
