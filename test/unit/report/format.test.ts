/** Number formats against written-out strings. */
import { expect, test } from 'vitest';
import { formatBytes, formatCount, formatReal, formatSeconds, formatShare } from '../../../src/report/format.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1 000'],
  [-1234567, '-1 234 567'],
])('count %d', (value, text) => expect(formatCount(value)).toBe(text));

test('fractions are kept after the grouped digits', () => expect(formatCount(12345.678, 2)).toBe('12 345.68'));

test.each([
  [10239, '10 239 B'],
  [10240, '10 240 B (10.0 KiB)'],
  [10485760, '10 485 760 B (10.0 MiB)'],
])('bytes %d', (value, text) => expect(formatBytes(value)).toBe(text));

test.each([
  [0, '0'],
  [0.000123456789, '1.2346e-4'],
  [0.5, '0.5'],
  [-12.3456789, '-12.3457'],
  [123456, '1.2346e+5'],
])('real %d', (value, text) => expect(formatReal(value)).toBe(text));

test('shares and times', () => {
  expect([formatShare(0.98765), formatShare(null), formatShare(1, 0)]).toEqual(['98.77 %', '-', '100 %']);
  expect([formatSeconds(0.04), formatSeconds(99.96), formatSeconds(119.6)]).toEqual(['0.0 s', '100.0 s', '2 min 0 s']);
});
