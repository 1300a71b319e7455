/**
 * The fast joint search: cyclic sweeps over the logarithms of the steps, each coordinate moved to the vertex of the parabola through
 * its loss here and a step to either side. Sweeps may use a share of the samples; after each sweep its whole
 * displacement is tried once more (the useful part of Powell's method), and the loss over all
 * samples, with some that no sweep ever fits, decides which sweep's point is kept: the held-out ones alone are too few to judge.
 */

export interface SweepCoordinate {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Smallest move that changes anything that can be deployed: ln 2 where scales are powers of two. */
  readonly smallest: number;
}

export interface SweepLoss {
  /** Mean loss over the samples that the search may fit. */
  readonly fit: number;
  /** Mean loss over all samples, held-out ones included; NaN where those were not run. */
  readonly overall: number;
}

export interface SweepProblem {
  readonly coordinates: readonly SweepCoordinate[];
  /** Loss over the first `share` (0..1] of the fitting samples; 1 also runs the held-out ones when `judge` is set. */
  loss(theta: readonly number[], share: number, judge: boolean): Promise<SweepLoss>;
}

export interface SweepOptions {
  /** Share of the fitting samples for each sweep. */
  readonly shares: readonly number[];
  /** First step in ln(scale). */
  readonly step: number;
  readonly stepMin: number;
  readonly stepMax: number;
  /** Coordinates whose last predicted gain was below this share of the loss are left out of the next sweep. */
  readonly negligible: number;
  readonly onProgress?: (done: number, total: number, loss: number) => void;
  /** True ends the search with the best point so far. */
  readonly stopped?: () => boolean;
}

export interface SweepResult {
  readonly theta: readonly number[];
  /** Loss of `theta` over all samples. */
  readonly loss: SweepLoss;
  readonly start: SweepLoss;
  readonly sweeps: readonly { readonly share: number; readonly loss: SweepLoss; readonly moved: number }[];
}

interface SweepState {
  theta: number[];
  value: number;
  readonly steps: number[];
  /** Relative gain that the last visit of each coordinate brought or predicted. */
  readonly gains: number[];
}

export async function sweepCoordinates(
  problem: SweepProblem,
  start: readonly number[],
  options: SweepOptions,
): Promise<SweepResult> {
  const { coordinates } = problem;
  const startLoss = await problem.loss(start, 1, true);
  let best = { theta: [...start], loss: startLoss };
  const state: SweepState = {
    theta: [...start],
    value: startLoss.fit,
    steps: coordinates.map(({ smallest }) => Math.max(options.step, smallest)),
    gains: coordinates.map(() => Infinity),
  };
  const sweeps: { share: number; loss: SweepLoss; moved: number }[] = [];
  const total = options.shares.length * coordinates.length;
  for (const [sweep, share] of options.shares.entries()) {
    if (options.stopped?.()) break;
    const from = [...state.theta];
    state.value = (await problem.loss(state.theta, share, false)).fit;
    const visited = await visitAll(problem, state, share, options, (index) =>
      options.onProgress?.(sweep * coordinates.length + index, total, state.value),
    );
    if (visited === 0) break;
    await extrapolate(problem, state, from, share);
    const loss = await problem.loss(state.theta, 1, true);
    sweeps.push({ share, loss, moved: visited });
    if (judgedLoss(loss) < judgedLoss(best.loss)) best = { theta: [...state.theta], loss };
  }
  return { theta: best.theta, loss: best.loss, start: startLoss, sweeps };
}

/** What decides between sweeps, and is told of a candidate: over all samples, held-out ones included, where they were run. */
export function judgedLoss({ fit, overall }: SweepLoss): number {
  return Number.isNaN(overall) ? fit : overall;
}

async function visitAll(
  problem: SweepProblem,
  state: SweepState,
  share: number,
  options: SweepOptions,
  report: (index: number) => void,
): Promise<number> {
  let visited = 0;
  for (let index = 0; index < problem.coordinates.length; index++) {
    if (options.stopped?.()) break;
    if (state.gains[index] >= options.negligible) {
      await visit(problem, state, index, share, options);
      visited++;
    }
    report(index + 1);
  }
  return visited;
}

/** Moves one coordinate to the best of: where it is, one step to either side, the vertex of the parabola through the three. */
async function visit(
  problem: SweepProblem,
  state: SweepState,
  index: number,
  share: number,
  options: SweepOptions,
): Promise<void> {
  const { low, high, smallest } = problem.coordinates[index];
  const here = state.theta[index];
  const step = state.steps[index];
  const probes = new Map<number, number>([[0, state.value]]);
  const probe = async (offset: number): Promise<number> => {
    const moved = Math.min(high, Math.max(low, here + offset)) - here;
    const known = probes.get(moved);
    if (known !== undefined) return known;
    const theta = state.theta.with(index, here + moved);
    const { fit } = await problem.loss(theta, share, false);
    probes.set(moved, fit);
    return fit;
  };
  const above = await probe(step);
  const below = await probe(-step);
  const curvature = above - 2 * state.value + below;
  const slope = below - above;
  const downhill = above < below ? step : -step;
  const target =
    curvature > 0 ? Math.min(2 * step, Math.max(-2 * step, (step * slope) / (2 * curvature))) : 2 * downhill;
  const isFar = [...probes.keys()].every((offset) => Math.abs(target - offset) >= Math.max(0.15 * step, smallest / 2));
  if (isFar && Number.isFinite(target)) await probe(target);
  const [offset, value] = [...probes].reduce((least, entry) => (entry[1] < least[1] ? entry : least));
  state.gains[index] = (state.value - value) / Math.abs(state.value || 1);
  if (state.gains[index] === 0 && curvature > 0) {
    // Nothing was better here, but a finer step may be: what the parabola promises counts as the gain.
    state.gains[index] = slope ** 2 / (8 * curvature) / Math.abs(state.value || 1);
  }
  state.theta[index] = here + offset;
  state.value = value;
  const grown = Math.abs(offset) > step ? step * 1.5 : step / 2;
  state.steps[index] = Math.max(smallest, options.stepMin, Math.min(options.stepMax, grown));
}

/** Tries the sweep's displacement a second time and keeps it if it helps. */
async function extrapolate(
  problem: SweepProblem,
  state: SweepState,
  from: readonly number[],
  share: number,
): Promise<void> {
  const theta = state.theta.map((value, index) => {
    const { low, high } = problem.coordinates[index];
    return Math.min(high, Math.max(low, 2 * value - from[index]));
  });
  if (theta.every((value, index) => value === state.theta[index])) return;
  const { fit } = await problem.loss(theta, share, false);
  if (!(fit < state.value)) return;
  state.theta = theta;
  state.value = fit;
}
