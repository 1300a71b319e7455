/**
 * How much of the calibration set each sweep of the joint search looks at. A sweep costs half of the program for every probe, on the
 * average, so its cost grows with the square of the depth; what it finds does not. Deep networks are swept on as many samples as
 * `sweepPasses` pays for, and all samples judge the result.
 */
import type { Phase, Search } from './search-context.ts';

/** Of a coordinate: to either side, and the vertex. */
const probes = 3;
/** Fewer say nothing about what a step does to other samples. */
const leastSamples = 64;
/** With fewer the parabolas are noisy, and a second sweep is cheap. */
const fewSamples = 256;

/** Shares of the fitting samples, one for each sweep over `coordinates` steps; the sweep after the last rounding is a single one. */
export function sweepShares({ evaluator, options }: Search, phase: Phase, coordinates: number): number[] {
  const { samples, fitting } = evaluator;
  const wholePasses = ((probes * coordinates) / 2) * (fitting / samples);
  const affordable = Math.min(1, Math.max(leastSamples / fitting, options.sweepPasses / wholePasses));
  const shares = phase === 'joint' ? options.shares : options.shares.slice(-1);
  const repeats = phase === 'joint' && fitting < fewSamples && affordable === 1 ? [1] : [];
  return [...shares, ...repeats].map((share) => Math.min(share, affordable));
}
