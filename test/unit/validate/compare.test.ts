/** Hand-worked comparisons, the all-different case and answers of another shape. */
import { expect, test } from 'vitest';
import { compareCodes, mergeComparisons } from '../../../src/validate/compare.ts';

test('equal codes', () => {
  const codes = Int8Array.of(-128, 0, 127);
  expect(compareCodes(codes, codes.slice(), 'x')).toEqual({
    compared: 3,
    mismatches: 0,
    maxDifference: 0,
    first: null,
  });
});

test('counts, the largest difference and the first element', () => {
  const comparison = compareCodes(Int8Array.of(1, 2, 3, -128), Int8Array.of(1, 3, 3, 127), 'x');
  expect(comparison).toEqual({
    compared: 4,
    mismatches: 2,
    maxDifference: 255,
    first: { index: 1, expected: 2, actual: 3 },
  });
});

test('an answer of another length or type is an error, not a mismatch', () => {
  const expected = Int8Array.of(1, 2);
  expect(() => compareCodes(expected, Int8Array.of(1), 'sample 3')).toThrow(
    /sample 3.*1 elements of int8.*2 elements of int8/,
  );
  expect(() => compareCodes(expected, Int16Array.of(1, 2), 'x')).toThrow(/int16/);
});

test('merging keeps the earliest first difference', () => {
  const one = compareCodes(Int8Array.of(5), Int8Array.of(5), 'x');
  const two = compareCodes(Int8Array.of(5, 6), Int8Array.of(5, 8), 'x');
  const three = compareCodes(Int8Array.of(9), Int8Array.of(4), 'x');
  expect(mergeComparisons([one, two, three])).toEqual({
    compared: 4,
    mismatches: 2,
    maxDifference: 5,
    first: { index: 1, expected: 6, actual: 8 },
  });
});
