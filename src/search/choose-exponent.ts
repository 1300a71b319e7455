/** LAPQ's second phase: the loss of the L_p start at every exponent, then at the vertex of the parabola through them. */
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import { partsOf } from './plan-parts.ts';
import { indexOfBest, publishedVertex, robustVertex } from './quadratic.ts';
import { createScaleSpace } from './scale-space.ts';
import type { Candidate, Search } from './search-context.ts';
import { roundSequentially, type SettledPlan } from './sequential-rounding.ts';
import { type StartSteps, stepsOfExponents } from './start-steps.ts';

/** `starts` are the steps of `options.exponents`. The best of all evaluated exponents wins; under the published rule the vertex does. */
export async function chooseExponent(search: Search, starts: readonly StartSteps[]): Promise<Candidate> {
  const { setup, evaluator, options, hooks, wideInputs } = search;
  hooks.onPhase?.('exponent');
  const tried: { readonly p: number; readonly candidate: Candidate }[] = [];
  const evaluate = async (p: number, steps: StartSteps): Promise<void> => {
    const space = createScaleSpace(partsOf(setup, steps, { ...options, wideInputs }));
    const { plan, means } = await settleBiases(search, space.planAt(space.origin));
    const loss = await evaluator.loss(plan, 1, true);
    tried.push({ p, candidate: { plan, steps, loss, means } });
    search.trace.push({ phase: 'exponent', detail: `p = ${p.toFixed(3)}`, ...loss });
    hooks.onProgress?.('exponent', tried.length, starts.length + 1, loss.fit);
  };
  for (const [index, p] of options.exponents.entries()) {
    if (hooks.stopped?.() && tried.length > 0) break;
    await evaluate(p, starts[index]);
  }
  const samples = () => tried.map(({ p, candidate }) => ({ p, loss: candidate.loss.fit }));
  const vertex =
    options.vertex === 'robust' ? newQuarter(robustVertex(samples()), options.exponents) : publishedVertex(samples());
  if (vertex !== null && vertex >= 1) await evaluate(vertex, stepsOfExponents(setup, [vertex])[0]);
  const extrapolated = options.vertex === 'published' && vertex !== null && vertex >= 1;
  if (extrapolated) return tried[tried.length - 1].candidate;
  return tried[indexOfBest(samples())].candidate;
}

/**
 * Rounded to a quarter, null where that has been evaluated: between closer exponents the losses differ by noise alone, and quarters are
 * quick to raise to.
 */
function newQuarter(p: number | null, known: readonly number[]): number | null {
  const quarter = p === null ? null : Math.round(4 * p) / 4;
  return quarter === null || known.includes(quarter) ? null : quarter;
}

/** With every bias absorbing what the layers before have shifted: without it the loss of a deep or depthwise network says nothing. */
async function settleBiases({ setup, evaluator, options }: Search, plan: QuantizationPlan): Promise<SettledPlan> {
  if (!options.correctBias) return { plan, means: setup.layers.map(() => null), dampings: [] };
  const { roundingSamples, ...rest } = options;
  return roundSequentially(setup, evaluator, plan, {
    ...rest,
    samples: roundingSamples,
    rounding: 'keep',
    wideInputs: [],
  });
}
