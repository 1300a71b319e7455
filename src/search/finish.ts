/**
 * Beyond the paper: the weights are rounded once more, layer by layer, on what the quantized layers before really deliver; then the
 * activation steps get one more sweep around them. Each of the two is kept where it helps.
 */
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import { searchJointly } from './joint-search.ts';
import type { Layer } from './layer-plan.ts';
import { type Candidate, helps, type Search } from './search-context.ts';
import { roundSequentially } from './sequential-rounding.ts';
import type { StartSteps } from './start-steps.ts';

export async function finish(search: Search, joint: Candidate): Promise<Candidate> {
  let best = joint;
  for (let round = 0; round < search.options.rounds; round++) {
    const before = best;
    const rounded = await roundOnPrefix(search, best);
    if (helps(search.evaluator, rounded.loss, best.loss)) best = rounded;
    if (!search.setup.layers.some(isRoundedAnew)) break;
    const steps = stepsOfPlan(search, best.plan, best.steps);
    const parts = { ...search.options, wideInputs: [], settled: best.plan.weights, searchWeights: false };
    best = await searchJointly(search, { ...best, steps }, parts, 'activations');
    if (best.loss === before.loss || search.hooks.stopped?.()) break;
  }
  return best;
}

/** Where all layers have 8 bits only biases were settled: too little has changed for another sweep. */
function isRoundedAnew({ bits, geometry }: Layer): boolean {
  return bits < 8 && geometry !== null;
}

async function roundOnPrefix(search: Search, joint: Candidate): Promise<Candidate> {
  const { setup, evaluator, options, hooks, trace } = search;
  hooks.onPhase?.('rounding');
  const { plan, means, dampings } = await roundSequentially(setup, evaluator, joint.plan, {
    rounding: options.rounding,
    correctBias: options.correctBias,
    samples: options.roundingSamples,
    damping: options.retarget ? options.retargetDamping : options.damping,
    dampingMargin: options.dampingMargin,
    factors: options.factors,
    wideInputs: options.retarget ? search.wideInputs : [],
    seed: options.seed,
    onLayer: (done, total) => hooks.onProgress?.('rounding', done, total, joint.loss.fit),
    ...(hooks.stopped === undefined ? {} : { stopped: hooks.stopped }),
  });
  if (plan === joint.plan) return joint;
  const loss = await evaluator.loss(plan, 1, true);
  const damped = dampings.length === 0 ? '' : `, damping ${Math.min(...dampings)} to ${Math.max(...dampings)}`;
  trace.push({ phase: 'rounding', detail: `${options.rounding} rounding on the quantized prefix${damped}`, ...loss });
  return { plan, steps: joint.steps, loss, means };
}

/** The activation steps that a plan ended with, as a new start. */
function stepsOfPlan({ setup }: Search, plan: QuantizationPlan, steps: StartSteps): StartSteps {
  return {
    weights: steps.weights,
    activations: setup.groups.map(({ group }, index) => {
      const { zeroPoint } = steps.activations[index];
      const entry = plan.activations.get(group.values[0]);
      return steps.activations[index].step === 0 || entry === undefined
        ? steps.activations[index]
        : { step: entry.scale, zeroPoint };
    }),
  };
}
