/**
 * LAPQ, Loss Aware Post-training Quantization (Nahshan et al., 1911.07190), on the loss of the packed integer program. The phases:
 * L_p steps for several exponents; the exponent from a parabola through their losses; a joint search over all steps; and, beyond
 * the paper, second-order rounding inside the search and once more on the quantized prefix, bias absorption, and a last sweep over the
 * activation steps. Rounding comes first because scales alone cannot save a network of 4-bit weights with few channels: a search over
 * a collapsed loss finds nothing.
 */
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import { chooseExponent } from './choose-exponent.ts';
import type { SweepLoss } from './coordinate-sweep.ts';
import type { Evaluator } from './evaluator.ts';
import { finish } from './finish.ts';
import { searchJointly } from './joint-search.ts';
import { plainPlan } from './plain-plan.ts';
import type { LapqOptions, Search, SearchHooks, TraceEntry } from './search-context.ts';
import type { Setup } from './setup.ts';
import { stepsOfExponents } from './start-steps.ts';
import { collectWideInputs, type WideInput } from './wide-inputs.ts';

export interface SearchOutcome {
  readonly plan: QuantizationPlan;
  /** Loss of the layer-wise start at the chosen exponent. */
  readonly initial: SweepLoss;
  readonly final: SweepLoss;
  readonly trace: readonly TraceEntry[];
}

/** `wide` is the same model with every tensor at 8 bits (or the widest the profile has): its inputs are the float model's, nearly. */
export async function searchLapq(
  setup: Setup,
  wide: Setup,
  evaluator: Evaluator,
  options: LapqOptions,
  hooks: SearchHooks,
): Promise<SearchOutcome> {
  const wideInputs = await inputsOfWide(setup, wide, evaluator, options, hooks);
  const search: Search = { setup, evaluator, options, hooks, wideInputs, trace: [] };
  const start = await chooseExponent(search, stepsOfExponents(setup, options.exponents));
  const parts = { ...options, wideInputs, means: start.means };
  const joint = await searchJointly(search, start, parts, 'joint');
  const best = await finish(search, joint);
  return { plan: best.plan, initial: start.loss, final: best.loss, trace: search.trace };
}

async function inputsOfWide(
  setup: Setup,
  wide: Setup,
  evaluator: Evaluator,
  options: LapqOptions,
  hooks: SearchHooks,
): Promise<(WideInput | null)[]> {
  if (options.rounding !== 'gram') return setup.layers.map(() => null);
  const plan = plainPlan(wide, stepsOfExponents(wide, [2.5])[0]);
  return collectWideInputs(setup, evaluator, plan, options, hooks);
}
