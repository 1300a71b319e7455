/** One initialiser alone, without a search: its steps, one rounding of the weights, and the bias that absorbs their shift. */
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import type { ChosenMethod } from '../quantize/choose-method.ts';
import type { Evaluator } from './evaluator.ts';
import type { SearchOutcome } from './lapq.ts';
import { partsOf } from './plan-parts.ts';
import { createScaleSpace } from './scale-space.ts';
import type { LapqOptions, SearchHooks } from './search-context.ts';
import { roundSequentially } from './sequential-rounding.ts';
import type { Setup } from './setup.ts';
import { type StartSteps, stepsOfMethod } from './start-steps.ts';

/** The plan that given steps lead to, weights rounded to nearest and biases as they are. */
export function plainPlan(setup: Setup, steps: StartSteps): QuantizationPlan {
  const grams = setup.layers.map(() => null);
  const space = createScaleSpace(
    partsOf(setup, steps, { rounding: 'nearest', correctBias: false, grams, searchWeights: false }),
  );
  return space.planAt(space.origin);
}

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
  const { plan } = await roundSequentially(setup, evaluator, plain, {
    rounding: options.rounding,
    correctBias: options.correctBias,
    samples: options.roundingSamples,
    damping: options.damping,
    seed: options.seed,
    onLayer: (done, total) => hooks.onProgress?.('rounding', done, total, initial.fit),
    ...(hooks.stopped === undefined ? {} : { stopped: hooks.stopped }),
  });
  return { plan, initial, final: await evaluator.loss(plan, 1, true), trace: [] };
}
