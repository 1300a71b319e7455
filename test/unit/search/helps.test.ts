/** The judge of a phase: fitted and held-out samples with equal weight. */
import { expect, it } from 'vitest';
import type { Evaluator } from '../../../src/search/evaluator.ts';
import { helps } from '../../../src/search/search-context.ts';

const [samples, fitting] = [512, 384];

/** From the mean losses over the fitted and the held-out samples. */
function lossOf(fit: number, heldOut: number) {
  return { fit, overall: (fit * fitting + heldOut * (samples - fitting)) / samples };
}

it.each([
  ['better on both', [0.2, 0.3], [0.3, 0.4], true],
  ['better on all samples, but not by what the held-out ones lose', [0.2, 0.5], [0.28, 0.4], false],
  ['worse on all samples, but by less than the held-out ones gain', [0.35, 0.3], [0.3, 0.4], true],
  ['the same', [0.3, 0.4], [0.3, 0.4], false],
  ['no longer a loss', [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], [0.3, 0.4], false],
])('%s', (_name, after, before, kept) => {
  const evaluator = { samples, fitting } as Partial<Evaluator> as Evaluator;
  expect(helps(evaluator, lossOf(after[0], after[1]), lossOf(before[0], before[1]))).toBe(kept);
});

it('takes anything rather than a plan that cannot be lowered', () => {
  const evaluator = { samples, fitting } as Partial<Evaluator> as Evaluator;
  const infinite = { fit: Number.POSITIVE_INFINITY, overall: Number.POSITIVE_INFINITY };
  expect(helps(evaluator, lossOf(5, 6), infinite)).toBe(true);
});

it('goes by all samples where none are held out', () => {
  const evaluator = { samples: 32, fitting: 32 } as Partial<Evaluator> as Evaluator;
  expect(helps(evaluator, { fit: 0.2, overall: 0.2 }, { fit: 0.3, overall: 0.3 })).toBe(true);
  expect(helps(evaluator, { fit: 0.3, overall: 0.3 }, { fit: 0.2, overall: 0.2 })).toBe(false);
});
