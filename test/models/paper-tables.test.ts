/** The script behind docs/paper-tables.md works from end to end, on the demo model with a handful of samples, and goes on where it stopped. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repository } from '../unit/cli/run-cli.ts';

let folder = '';
const file = (name: string): string => readFileSync(join(folder, name), 'utf8');
const run = (only: string): string =>
  execFileSync(
    process.execPath,
    [join(repository, 'scripts/paper-tables.mjs'), '--quick', '-o', folder, '--only', only],
    {
      encoding: 'utf8',
    },
  );

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bitwright-paper-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('measures what is asked for, writes the page, and leaves what it has alone', () => {
  const lines = run('per channel \\| W4A4 \\| (LAPQ|MMSE|OCS)$|joint random').trim().split('\n');
  expect(lines.map((line) => line.split(':')[0])).toEqual([
    'demo-mnist | per channel | W4A4 | LAPQ',
    'demo-mnist | per channel | W4A4 | MMSE',
    'demo-mnist | per channel | W4A4 | OCS',
    'demo-mnist | per tensor | W4A4 | joint random',
    'demo-mnist | per tensor | W8A2 | joint random',
  ]);
  const measured = JSON.parse(file('paper-tables.json'));
  const { drop, divergence, testSamples } = measured['demo-mnist | per channel | W4A4 | MMSE'];
  expect(testSamples).toBe(50);
  expect(divergence.mean).toBeGreaterThan(0);
  expect(Math.abs(drop.mean)).toBeLessThan(0.2);
  expect(file('paper-tables.md')).toContain(` · ${divergence.mean.toFixed(3)}`);
  expect(run('per channel \\| W4A4 \\| MMSE')).toBe('');
  expect(JSON.parse(file('paper-tables.json'))).toEqual(measured);
});

test('draws the loss surfaces, the same on every run', () => {
  run('surface');
  const drawn = file('loss-surface.svg');
  expect(drawn).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
  for (const bits of [4, 3, 2]) expect(drawn).toContain(`${bits} bits`);
  run('nothing');
  expect(file('loss-surface.svg')).toBe(drawn);
});
