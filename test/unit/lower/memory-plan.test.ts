import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Lifetime, peakLiveBytes, planMemory } from '../../../src/lower/memory-plan.ts';

const lifetime = fc
  .record({
    sizeBytes: fc.integer({ min: 1, max: 500 }),
    first: fc.integer({ min: -1, max: 12 }),
    length: fc.integer({ min: 0, max: 6 }),
  })
  .map(({ sizeBytes, first, length }): Lifetime => ({ sizeBytes, first, last: first + length }));

describe('planMemory', () => {
  test('never overlaps two blocks that live at the same time, and stays between the bound and the sum', () => {
    fc.assert(
      fc.property(fc.array(lifetime, { minLength: 1, maxLength: 24 }), (blocks) => {
        const { offsetsBytes, arenaBytes } = planMemory(blocks);
        expect(arenaBytes).toBeGreaterThanOrEqual(peakLiveBytes(blocks));
        blocks.forEach((a, i) => {
          expect(offsetsBytes[i]! % 16).toBe(0);
          expect(offsetsBytes[i]! + a.sizeBytes).toBeLessThanOrEqual(arenaBytes);
          blocks.forEach((b, j) => {
            if (i >= j || a.first > b.last || b.first > a.last) return;
            const apart =
              offsetsBytes[i]! + a.sizeBytes <= offsetsBytes[j]! || offsetsBytes[j]! + b.sizeBytes <= offsetsBytes[i]!;
            expect(apart).toBe(true);
          });
        });
      }),
    );
  });

  test('a chain of equal layers needs two of them', () => {
    const chain = Array.from(
      { length: 6 },
      (_, index): Lifetime => ({ sizeBytes: 1000, first: index - 1, last: index }),
    );
    expect(planMemory(chain).arenaBytes).toBe(2 * 1008);
  });

  test('a residual block needs three: the skip stays alive', () => {
    const blocks: Lifetime[] = [
      { sizeBytes: 64, first: -1, last: 2 },
      { sizeBytes: 64, first: 0, last: 1 },
      { sizeBytes: 64, first: 1, last: 2 },
      { sizeBytes: 64, first: 2, last: 3 },
    ];
    expect(peakLiveBytes(blocks)).toBe(192);
    expect(planMemory(blocks).arenaBytes).toBe(192);
  });
});
