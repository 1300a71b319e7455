/** The HTML report: complete, self-contained, and deaf to what names try to say. */
import { expect, test } from 'vitest';
import { lossChart } from '../../../src/report/html/line-chart.ts';
import { html } from '../../../src/report/html/markup.ts';
import { reportPage } from '../../../src/report/html/page.ts';
import { storageLifetimes } from '../../../src/report/storage-lifetimes.ts';
import { program, reportData } from './fixture.ts';

const page = reportPage(reportData);

test('every section is there', () => {
  const headings = [...page.matchAll(/<h2>([^<]*)<\/h2>/g)].map((match) => match[1]);
  expect(headings).toEqual([
    'Verdict',
    'Search: KL divergence',
    'Layers',
    'Memory plan',
    'Confusion',
    'Tensors',
    'How it was made',
  ]);
});

test('sections without data are left out, and a package without a verdict says so', () => {
  const bare = reportPage({ ...reportData, verdict: null, search: null, confusion: null, layerCosts: null });
  expect(bare).not.toContain('<h2>Verdict</h2>');
  expect(bare).not.toContain('Confusion');
  expect(bare).toContain('not validated');
  expect(bare).toContain('top-1 quantized');
});

test('nothing is fetched or executed', () => {
  expect(page).not.toMatch(/<script|<link|<img|src=|href=|url\(|@import|https?:/);
});

test('tags are balanced', () => {
  const open: string[] = [];
  for (const [, close, name, single] of page.matchAll(/<(\/?)([a-z]\w*)\b[^>]*?(\/?)>/g)) {
    if (close === '/') expect(open.pop()).toBe(name);
    else if (single === '' && name !== 'meta') open.push(name!);
  }
  expect(open).toEqual([]);
});

test('values are escaped, markup is not', () => {
  expect(html`<b>${'<i>&"'}${html`<u>${1}</u>`}${[html`<p></p>`]}${null}</b>`.markup).toBe(
    '<b>&#60;i&#62;&#38;&#34;<u>1</u><p></p></b>',
  );
});

test('storage lifetimes: a view extends what it looks at, outputs live to the end', () => {
  expect(storageLifetimes(program)).toEqual([
    { tensor: 0, offsetBytes: 0, sizeBytes: 64, first: -1, last: 0 },
    { tensor: 1, offsetBytes: 64, sizeBytes: 32, first: 0, last: 1 },
    { tensor: 3, offsetBytes: 0, sizeBytes: 10, first: 1, last: 2 },
  ]);
});

test('a chart needs two drawable values and survives odd ones', () => {
  expect(lossChart('loss', [1])).toBeNull();
  expect(lossChart('loss', [Number.NaN, 0, -1, 3])).toBeNull();
  const chart = lossChart('loss', [2, Number.POSITIVE_INFINITY, 2])!.markup;
  expect(chart.match(/<circle/g)).toHaveLength(2);
  expect(chart).not.toMatch(/NaN|Infinity/);
});
