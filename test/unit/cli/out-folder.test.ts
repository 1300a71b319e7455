/** OUT/ is written whole or not at all, and never over somebody else's files. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkOutFolder, writeOutFolder } from '../../../src/cli/out-folder.ts';

let root = '';
const context = { onInterrupt: () => () => {} };
const manifest = JSON.stringify({ schema: 'bitwright-package/1', files: { 'program.bin': {} } });
const files = new Map<string, string>([
  ['program.bin', 'new'],
  ['manifest.json', manifest],
]);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-out-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const folder = (): string => join(root, 'deep', 'OUT');
const read = (name: string): string => readFileSync(join(folder(), name), 'utf8');

test('a new folder and its parents are made, and nothing else is left', () => {
  writeOutFolder(context, folder(), files, false);
  expect(read('program.bin')).toBe('new');
  expect(readdirSync(join(root, 'deep'))).toEqual(['OUT']);
});

test('an empty folder and an older package are replaced', () => {
  mkdirSync(folder(), { recursive: true });
  writeOutFolder(context, folder(), files, false);
  writeFileSync(join(folder(), 'verdict.json'), 'old verdict');
  writeOutFolder(context, folder(), files, false);
  expect(readdirSync(folder()).sort()).toEqual(['manifest.json', 'program.bin']);
});

test.each([
  ['a stranger folder', { 'thesis.txt': 'text' }],
  ['a package with a file of its user', { 'manifest.json': manifest, 'program.bin': '', 'notes.md': 'mine' }],
  ['a manifest of another tool', { 'manifest.json': '{"name": "app"}' }],
  ['a damaged manifest', { 'manifest.json': '{"schema": "bitwright-package/1"' }],
])('%s is refused and left alone', (_, content) => {
  mkdirSync(folder(), { recursive: true });
  for (const [name, text] of Object.entries(content)) writeFileSync(join(folder(), name), text);
  const before = readdirSync(folder()).map((name) => [name, read(name)]);
  expect(() => writeOutFolder(context, folder(), files, false)).toThrow(/did not make/);
  expect(() => checkOutFolder(folder(), false)).toThrow(expect.objectContaining({ code: 'OUTPUT_EXISTS' }));
  expect(readdirSync(folder()).map((name) => [name, read(name)])).toEqual(before);
});

test('--force puts the package beside the files of others', () => {
  mkdirSync(folder(), { recursive: true });
  writeFileSync(join(folder(), 'thesis.txt'), 'text');
  writeOutFolder(context, folder(), files, true);
  expect(read('thesis.txt')).toBe('text');
  expect(read('program.bin')).toBe('new');
});

test('a file in the place of the folder is refused, even with --force', () => {
  mkdirSync(join(root, 'deep'));
  writeFileSync(folder(), 'file');
  expect(() => checkOutFolder(folder(), true)).toThrow(/is a file/);
});

test('a failure half-way leaves the old package and no rest', () => {
  writeOutFolder(context, folder(), files, false);
  const broken = new Map([...files, ['no/such/folder', 'x']]);
  expect(() => writeOutFolder(context, folder(), broken, false)).toThrow();
  expect(read('program.bin')).toBe('new');
  expect(readdirSync(join(root, 'deep'))).toEqual(['OUT']);
});

test('an interrupt removes the temporary folder', () => {
  let cleanup: (() => void) | undefined;
  const interrupted = {
    onInterrupt: (run: () => void) => {
      cleanup = run;
      return () => {};
    },
  };
  const stop = new Map([['program.bin', 'x']]);
  stop.entries = () => {
    throw new Error('unused');
  };
  stop[Symbol.iterator] = () => {
    expect(readdirSync(join(root, 'deep'))).toHaveLength(1);
    cleanup!();
    expect(readdirSync(join(root, 'deep'))).toEqual([]);
    throw new Error('interrupted');
  };
  expect(() => writeOutFolder(interrupted, folder(), stop, false)).toThrow('interrupted');
  expect(existsSync(folder())).toBe(false);
});

test('a package inside a package is ours, a stranger beside it is not', () => {
  writeOutFolder(context, folder(), files, false);
  writeOutFolder(context, join(folder(), 'second'), files, false);
  writeOutFolder(context, folder(), files, false);
  expect(readdirSync(folder()).sort()).toEqual(['manifest.json', 'program.bin']);
  mkdirSync(join(folder(), 'pictures'));
  writeFileSync(join(folder(), 'pictures', 'cat.jpg'), 'cat');
  expect(() => checkOutFolder(folder(), false)).toThrow(/did not make/);
});
