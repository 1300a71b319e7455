/** Terminal, Markdown and JUnit reports of one made-up verdict, and names that try to break out of each format. */
import { expect, test } from 'vitest';
import { BitwrightError } from '../../../src/base/errors.ts';
import { brokenRunSuite, escapeXml, junitXml, verdictSuite } from '../../../src/report/junit.ts';
import { verdictMarkdown } from '../../../src/report/markdown.ts';
import { verdictText } from '../../../src/report/terminal.ts';
import { textTable } from '../../../src/report/text-table.ts';
import { verdict } from './fixture.ts';

test('a table aligns its columns and leaves no trailing space', () => {
  const text = textTable(
    [{ title: 'name' }, { title: 'n', align: 'right' }, { title: '' }],
    [
      ['a', '10', 'x'],
      ['longer', '7', ''],
    ],
  );
  expect(text).toBe('name     n\n------  --  -\na       10  x\nlonger   7');
});

test('the terminal says where it diverged, and the outcome last', () => {
  const lines = verdictText(verdict).split('\n');
  expect(lines).toContain('mismatches                3, up to 2 codes');
  expect(lines).toContain('layer checksums equal     3 of 4');
  expect(lines).toContain('time per inference        20.00 ms');
  expect(lines.at(-3)).toContain('sample 11');
  expect(lines.at(-3)).toContain('element 7: expected -4, got -3; 2 of 32 elements');
  expect(lines.at(-1)).toBe('FAIL');
});

test('JUnit keeps failures, errors and skips apart', () => {
  const xml = junitXml(verdictSuite(verdict, 'validate & co'));
  expect(xml.split('\n').slice(0, 3)).toEqual([
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites tests="3" failures="1" errors="1" skipped="0" time="12.346">',
    '  <testsuite name="validate &#38; co" tests="3" failures="1" errors="1" skipped="0" time="12.346">',
  ]);
  expect(xml).toContain('name="maxArenaBytes"/>');
  expect(xml).toContain('<failure message="mismatches is 4, at most 0 allowed">first divergence: sample 11');
  expect(xml).toContain('<error message="minAccuracy cannot be judged"></error>');
  expect(xml).not.toContain('<script');
});

test('a run that broke is one error and leaves its gates skipped', () => {
  const error = new BitwrightError('DEVICE_SILENT', { message: 'no answer', where: 'serial:/dev/x' });
  const xml = junitXml(brokenRunSuite(error, { minAccuracy: 0.9 }, 'validate', 1));
  expect(xml).toContain('tests="3" failures="0" errors="1" skipped="2"');
  expect(xml).toContain('<error message="DEVICE_SILENT">serial:/dev/x: no answer</error>');
  expect(xml).toMatch(/name="minAccuracy"><skipped /);
});

test('XML drops what it cannot hold and keeps the rest', () => {
  expect(escapeXml('a\u0000\u0007b\tc\ud800d\u{1f600}"')).toBe('ab\tcd\u{1f600}&#34;');
});

test('Markdown cells stay in their cells', () => {
  const text = verdictMarkdown(verdict, 'model|x\n# y');
  expect(text.split('\n')[0]).toBe('# FAIL: model\\|x # y');
  for (const line of text.split('\n').filter((candidate) => candidate.startsWith('|'))) {
    expect([3, 4]).toContain(line.replaceAll('\\|', '').split('|').length - 1);
  }
  expect(text).not.toContain('<script');
});
