/** LAPQ's third phase: all steps together, by coordinate sweeps or by Powell's method, over the logarithms of the steps. */
import { type SweepProblem, type SweepResult, sweepCoordinates } from './coordinate-sweep.ts';
import { type PartOptions, partsOf } from './plan-parts.ts';
import { minimizePowell } from './powell.ts';
import { createScaleSpace, type ScaleSpace } from './scale-space.ts';
import { type Candidate, helps, type Phase, type Search } from './search-context.ts';
import { sweepShares } from './sweep-shares.ts';

/** `start` where the judge finds nothing better. */
export async function searchJointly(
  search: Search,
  start: Candidate,
  parts: PartOptions,
  phase: Phase,
): Promise<Candidate> {
  const { setup, evaluator, options, trace } = search;
  search.hooks.onPhase?.(phase);
  const space = createScaleSpace(partsOf(setup, start.steps, parts));
  if (options.optimizer === 'none' || space.coordinates.length === 0) return start;
  const problem: SweepProblem = {
    coordinates: space.coordinates,
    loss: (theta, share, judge) => evaluator.loss(space.planAt(theta), share, judge),
  };
  const found =
    options.optimizer === 'sweep'
      ? await sweep(search, problem, space, phase)
      : await powell(search, problem, space, options.optimizer === 'powell-scipy');
  for (const [index, { share, loss, moved }] of found.sweeps.entries()) {
    trace.push({
      phase,
      detail: `sweep ${index + 1}, ${moved} coordinates, share ${Number(share.toFixed(3))}`,
      ...loss,
    });
  }
  if (!helps(evaluator, found.loss, start.loss)) return start;
  return { ...start, plan: space.planAt(found.theta), loss: found.loss };
}

/** Steps that are too short grow to this many times the first one. */
const sweepStepGrowth = 10 / 3;

function sweep(search: Search, problem: SweepProblem, space: ScaleSpace, phase: Phase): Promise<SweepResult> {
  const { hooks, options } = search;
  return sweepCoordinates(problem, space.origin, {
    shares: sweepShares(search, phase, space.coordinates.length),
    step: options.sweepStep,
    stepMin: 0.02,
    stepMax: sweepStepGrowth * options.sweepStep,
    negligible: 1e-3,
    onProgress: (done, total, loss) => hooks.onProgress?.(phase, done, total, loss),
    ...(hooks.stopped === undefined ? {} : { stopped: hooks.stopped }),
  });
}

/** In units of a tenth in ln(step), safeguarded; or as SciPy would, probing by whole units and accepting whatever a line search returns. */
async function powell(
  { options, hooks }: Search,
  problem: SweepProblem,
  space: ScaleSpace,
  asScipy: boolean,
): Promise<SweepResult> {
  const start = await problem.loss(space.origin, 1, true);
  let best = { theta: space.origin, value: start.fit };
  let evaluations = 0;
  const objective = async (theta: readonly number[]): Promise<number> => {
    if (hooks.stopped?.()) return Infinity;
    const bounded = theta.every((value, index) => {
      const { low, high } = problem.coordinates[index];
      return value >= low && value <= high;
    });
    const fit = bounded ? (await problem.loss(theta, 1, false)).fit : Infinity;
    if (fit < best.value) best = { theta: [...theta], value: fit };
    hooks.onProgress?.('joint', ++evaluations, 30 * options.iterations * problem.coordinates.length, best.value);
    return fit;
  };
  await minimizePowell(objective, space.origin, {
    iterationsMax: options.iterations,
    unit: asScipy ? 1 : 0.1,
    safeguard: !asScipy,
  });
  const loss = await problem.loss(best.theta, 1, true);
  return { theta: best.theta, loss, start, sweeps: [{ share: 1, loss, moved: problem.coordinates.length }] };
}
