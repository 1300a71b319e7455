/** One initialiser alone, without a search: its steps, one rounding of the weights, and the bias that absorbs their shift. */
import type { ChosenMethod } from '../quantize/choose-method.ts';
import type { Evaluator } from './evaluator.ts';
import type { SearchOutcome } from './lapq.ts';
import { plainPlan } from './plain-plan.ts';
import type { LapqOptions, SearchHooks } from './search-context.ts';
import { roundSequentially } from './sequential-rounding.ts';
import type { Setup } from './setup.ts';
import { stepsOfMethod } from './start-steps.ts';

export async function planOfMethod(
  setup: Setup,
  evaluator: Evaluator,
  chosen: ChosenMethod,
  options: LapqOptions,
  hooks: SearchHooks,
): Promise<SearchOutcome> {
  const plain = plainPlan(setup, stepsOfMethod(setup, chosen));
  const initial = await evaluator.loss(plain, 1, true);
  if (options.rounding === 'nearest' && !options.correctBias)
    return { plan: plain, initial, final: initial, trace: [] };
  hooks.onPhase?.('rounding');
  const { plan } = await roundSequentially(setup, evaluator, plain, {
    rounding: options.rounding,
    correctBias: options.correctBias,
    samples: options.roundingSamples,
    damping: options.damping,
    factors: options.factors,
    wideInputs: [],
    seed: options.seed,
    onLayer: (done, total) => hooks.onProgress?.('rounding', done, total, initial.fit),
    ...(hooks.stopped === undefined ? {} : { stopped: hooks.stopped }),
  });
  return { plan, initial, final: await evaluator.loss(plan, 1, true), trace: [] };
}
