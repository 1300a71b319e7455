/** Percentile: the range that leaves a given share of the values outside, split evenly over both tails. */
import { stepOfRange } from '../code-grid.ts';
import type { Distribution } from '../distribution.ts';
import type { StepMethod } from '../step-method.ts';

export const method: StepMethod = {
  name: 'percentile',
  title: 'The central percentile of the values, both tails clipped.',
  parameter: { name: 'percent', default: 99.99, min: 50, max: 100 },
  choose(distribution, grid, percent) {
    const low = quantile(distribution, distribution.min < 0 ? (100 - percent) / (distribution.max > 0 ? 200 : 100) : 0);
    const high = quantile(distribution, 1 - (100 - percent) / (distribution.min < 0 ? 200 : 100));
    const clipped = stepOfRange(low, high, grid);
    return clipped.step > 0 ? clipped : stepOfRange(distribution.min, distribution.max, grid);
  },
};

// --- Internal helpers ---

/** The smallest value with at least `share` of the mass at or below it; share 0 and 1 give the exact extremes. */
function quantile({ values, counts, min, max }: Distribution, share: number): number {
  if (share <= 0) return min;
  if (share >= 1) return max;
  const order = Uint32Array.from(values, (_, index) => index).sort((a, b) => values[a] - values[b]);
  const total = counts === null ? values.length : counts.reduce((sum, count) => sum + count, 0);
  let mass = 0;
  for (const index of order) {
    mass += counts === null ? 1 : counts[index];
    if (mass >= share * total) return values[index];
  }
  return max;
}
