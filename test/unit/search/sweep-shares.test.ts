/** Shares of the samples that sweeps of the joint search can afford, worked out by hand. */
import { expect, test } from 'vitest';
import type { Search } from '../../../src/search/search-context.ts';
import { sweepShares } from '../../../src/search/sweep-shares.ts';

const searchOf = (samples: number, fitting: number, sweepPasses: number, shares = [1]) =>
  ({ evaluator: { samples, fitting }, options: { sweepPasses, shares } }) as unknown as Search;

test('a sweep that costs no more than it may sees all samples', () => {
  // 16 coordinates: 16 * 3 / 2 * 0.75 = 18 runs of the whole program.
  expect(sweepShares(searchOf(512, 384, 18), 'joint', 16)).toEqual([1]);
  expect(sweepShares(searchOf(512, 384, 9), 'joint', 16)).toEqual([0.5]);
});

test('few samples are swept twice where that is cheap, once where it is not', () => {
  expect(sweepShares(searchOf(256, 192, 100), 'joint', 16)).toEqual([1, 1]);
  expect(sweepShares(searchOf(256, 192, 9), 'joint', 16)).toEqual([0.5]);
  expect(sweepShares(searchOf(256, 192, 100), 'activations', 16)).toEqual([1]);
});

test('never fewer than 64 samples, or all where there are fewer', () => {
  expect(sweepShares(searchOf(512, 384, 1), 'joint', 160)).toEqual([64 / 384]);
  expect(sweepShares(searchOf(40, 40, 1), 'activations', 160)).toEqual([1]);
});

test('shares that were asked for are a limit too', () => {
  expect(sweepShares(searchOf(512, 384, 9, [0.25, 1]), 'joint', 16)).toEqual([0.25, 0.5]);
  expect(sweepShares(searchOf(512, 384, 9, [0.25, 1]), 'activations', 16)).toEqual([0.5]);
});
