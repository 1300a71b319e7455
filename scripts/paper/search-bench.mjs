/** The inside of a search on the bench: what quantizeModel sets up, open for starts and steps of one's own. */
import { seededRandom } from '../../dist/base/random.js';
import { cutEpilogue } from '../../dist/lower/epilogue.js';
import { chooseMethod } from '../../dist/quantize/choose-method.js';
import { fullRangeStep } from '../../dist/quantize/code-grid.js';
import { chooseExponent } from '../../dist/search/choose-exponent.js';
import { judgedLoss } from '../../dist/search/coordinate-sweep.js';
import { searchJointly } from '../../dist/search/joint-search.js';
import { createJournal } from '../../dist/search/journal.js';
import { objectiveOf } from '../../dist/search/objective.js';
import { residentEvaluator } from '../../dist/search/resident-evaluator.js';
import { prepareSetup } from '../../dist/search/setup.js';
import { stepsOfMethod } from '../../dist/search/start-steps.js';

/** Of the samples, a quarter is held out where `holdOut` is set. */
export async function openBench(graph, statistics, samples, profile, options, pool, holdOut) {
  const cut = cutEpilogue(graph, profile).graph;
  const setup = prepareSetup({ graph: cut, profile, statistics, bits: options.bits, perChannel: options.perChannel });
  const { labels, metric, lossSamples } = samples;
  const terms = objectiveOf(graph, (lossSamples ?? statistics).outputs, {
    labels,
    metric,
    kind: options.objective,
    temperature: options.temperature,
  });
  const journal = createJournal();
  const evaluator = await residentEvaluator(setup, pool, { samples, terms, journal, seed: options.seed, holdOut });
  return { setup, evaluator };
}

/** As quantizeModel, from steps drawn at random between a 32nd of the full range and all of it. */
export async function planFromRandomSteps(graph, statistics, samples, profile, options, pool) {
  const { setup, evaluator } = await openBench(graph, statistics, samples, profile, options, pool, true);
  const random = seededRandom(options.seed);
  const share = () => Math.exp(-Math.log(32) * random.next());
  const full = stepsOfMethod(setup, chooseMethod('max-abs'));
  const start = {
    weights: full.weights.map((steps) => {
      const own = share();
      return steps.map((step) => step * own);
    }),
    activations: full.activations.map((step, index) => {
      const { group, grid, distribution } = setup.groups[index];
      if (group.isGraphInput || group.fixed !== null || step.step === 0) return step;
      return { ...step, step: fullRangeStep(distribution, grid).step * share() };
    }),
  };
  const wideInputs = setup.layers.map(() => null);
  const search = { setup, evaluator, options: { ...options, exponents: [2] }, hooks: {}, wideInputs, trace: [] };
  const candidate = await chooseExponent(search, [start]);
  const best = await searchJointly(search, candidate, { ...options, wideInputs, means: candidate.means }, 'joint');
  const loss = { objective: 'kl', float: 0, initial: judgedLoss(candidate.loss), final: judgedLoss(best.loss) };
  return { plan: best.plan, loss, evaluations: evaluator.cost };
}
