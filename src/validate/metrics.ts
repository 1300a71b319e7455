/**
 * Accuracy of raw scores against labels. Scores may be floats or integer codes: one output has one scale, so codes order as
 * the real values do, and every execution of a program is judged alike.
 */
import { assert } from '../base/errors.ts';
import type { Dataset, Metric } from '../data/dataset.ts';

export type Scores = ArrayLike<number>;

/** What a metric needs besides scores. */
export type LabelledSet = Pick<Dataset, 'metric' | 'labels' | 'ranking'>;

/** Index of the largest score in [start, start + length); the lowest index wins a tie, as in every runtime's argmax. */
export function argMax(scores: Scores, start: number, length: number): number {
  let best = 0;
  for (let index = 1; index < length; index++) if (scores[start + index]! > scores[start + best]!) best = index;
  return best;
}

/** Share of samples whose highest score is the label's, 0..1. `scores` is [samples, classes]; integers of one a sample are classes themselves. */
export function topOne(scores: Scores, labels: Int32Array, samples: number): number {
  assert(samples > 0 && labels.length >= samples, 'Top-1 needs at least one sample and a label for each.');
  const classes = scores.length / samples;
  const chosen = classes === 1 && (scores instanceof Int32Array || scores instanceof BigInt64Array);
  let right = 0;
  for (let sample = 0; sample < samples; sample++) {
    if (
      chosen ? Number(scores[sample]) === labels[sample] : argMax(scores, sample * classes, classes) === labels[sample]
    )
      right++;
  }
  return right / samples;
}

/**
 * Share of groups whose positive candidate is among the `count` highest scores, 0..1; an incomplete last group is left out.
 * Integer scores tie often, so a tie across the border counts as the chance that a random order of the tied ones would hit.
 */
export function hitRate(scores: Scores, ranking: NonNullable<Dataset['ranking']>, count = 10): number {
  const { groupSize, positive } = ranking;
  const groups = Math.floor(scores.length / groupSize);
  assert(groups > 0, 'A hit rate needs at least one whole group of candidates.');
  let hits = 0;
  for (let group = 0; group < groups; group++) {
    const own = scores[group * groupSize + positive]!;
    let above = 0;
    let tied = 0;
    for (let index = 0; index < groupSize; index++) {
      const score = scores[group * groupSize + index]!;
      if (score > own) above++;
      else if (score === own) tied++;
    }
    hits += Math.min(1, Math.max(0, (count - above) / tied));
  }
  return hits / groups;
}

/** The metric of a data set over the first `samples` samples, 0..1, or null where it cannot be judged. */
export function accuracyOf(scores: Scores, set: LabelledSet, samples: number): number | null {
  if (set.metric === 'top-1') return set.labels === null ? null : topOne(scores, set.labels, samples);
  if (set.metric === 'hit-rate@10') {
    return set.ranking === null || scores.length < set.ranking.groupSize ? null : hitRate(scores, set.ranking);
  }
  return null;
}

/** Rows are labels, columns predictions, entries counts. */
export function confusionMatrix(scores: Scores, labels: Int32Array, samples: number): number[][] {
  const classes = scores.length / samples;
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let sample = 0; sample < samples; sample++) {
    const row = matrix[labels[sample]!];
    if (row !== undefined) row[argMax(scores, sample * classes, classes)]!++;
  }
  return matrix;
}

/** How a metric's value is shown: percent with two digits, or a dash. */
export function printAccuracy(value: number | null): string {
  return value === null ? '-' : `${(100 * value).toFixed(2)} %`;
}

export type { Metric };
