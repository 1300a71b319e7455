/** Metrics against hand-counted cases, ties included. */
import { expect, test } from 'vitest';
import { accuracyOf, argMax, confusionMatrix, hitRate, topOne } from '../../../src/validate/metrics.ts';

test('argmax takes the lowest index of a tie', () => {
  expect(argMax(Int8Array.of(9, 1, 7, 7), 1, 3)).toBe(1);
});

test('top-1 of three samples with two right', () => {
  const scores = Int8Array.of(1, 2, 3, 4, 0, 0, -5, -6, -7);
  expect(topOne(scores, Int32Array.of(2, 1, 0), 3)).toBeCloseTo(2 / 3, 12);
  // The answers of a model that ends in an arg-max are classes, not scores.
  expect(topOne(Int32Array.of(2, 1, 1), Int32Array.of(2, 1, 0), 3)).toBeCloseTo(2 / 3, 12);
  expect(topOne(BigInt64Array.of(2n, 0n, 1n) as never, Int32Array.of(2, 1, 0), 3)).toBeCloseTo(1 / 3, 12);
});

test('confusion: rows are labels, columns predictions', () => {
  const scores = Int8Array.of(1, 0, 0, 1, 0, 1);
  expect(confusionMatrix(scores, Int32Array.of(0, 0, 1), 3)).toEqual([
    [1, 1],
    [0, 1],
  ]);
});

test('hit rate at 2: above the border, below it, and a tie across it', () => {
  const ranking = { groupSize: 4, positive: 0 };
  expect(hitRate([9, 8, 1, 1], ranking, 2)).toBe(1);
  expect(hitRate([1, 8, 9, 0], ranking, 2)).toBe(0);
  // One above, and the positive shares the second place with two others: one of three orders hits.
  expect(hitRate([5, 9, 5, 5], ranking, 2)).toBeCloseTo(1 / 3, 12);
  // All equal: two places for four candidates.
  expect(hitRate([0, 0, 0, 0], ranking, 2)).toBe(0.5);
});

test('hit rate averages over whole groups and leaves the rest out', () => {
  const ranking = { groupSize: 2, positive: 1 };
  expect(hitRate([0, 1, 1, 0, 7], ranking, 1)).toBe(0.5);
});

test('a metric that cannot be judged is null, not zero', () => {
  expect(accuracyOf([1, 2], { metric: 'none', labels: null, ranking: null }, 1)).toBeNull();
  expect(accuracyOf([1, 2], { metric: 'top-1', labels: null, ranking: null }, 1)).toBeNull();
  const ranking = { groupSize: 100, positive: 0 };
  expect(accuracyOf([1, 2], { metric: 'hit-rate@10', labels: null, ranking }, 2)).toBeNull();
});
