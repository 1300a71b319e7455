/** docs/errors.md and the code must name the same errors. */
import { expect, test } from 'vitest';
import { errorExitCodes } from '../../../src/base/errors.ts';
import { readSource, repositoryFiles } from '../tidy/source-files.ts';

const rows = [...readSource('docs/errors.md').matchAll(/^\| ([A-Z_]+) \| (\d+) \|/gm)].map((row) => [
  row[1]!,
  Number(row[2]),
]);

test('every code is explained once, with its exit code', () => {
  const sorted = (entries: (string | number)[][]): string[] => entries.map((entry) => entry.join(' ')).sort();
  expect(sorted(rows)).toEqual(sorted(Object.entries(errorExitCodes)));
});

test('every code is thrown somewhere', () => {
  const product = repositoryFiles().filter((path) => /^src\/.*\.ts$/.test(path) && path !== 'src/base/errors.ts');
  const text = product.map(readSource).join('\n');
  expect(Object.keys(errorExitCodes).filter((code) => code !== 'INTERNAL' && !text.includes(`'${code}'`))).toEqual([]);
});
