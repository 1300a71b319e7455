/** The journal beside OUT/: what was saved comes back; what is damaged or of another search is refused, with the reason. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSearchJournal } from '../../../src/cli/steps/search-journal.ts';
import type { JournalEntry } from '../../../src/search/journal.ts';

const identity = { model: 'aa', 'option seed': '1' };
const losses: JournalEntry[] = [
  [0.1 + 0.2, 1e-300],
  [null, 'none'],
];
const lines: string[] = [];
const context = { log: (line: string) => void lines.push(line) };
let folder = '';
let out = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bitwright-journal-'));
  out = join(folder, 'OUT');
  lines.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function saved(): Promise<string> {
  const journal = await openSearchJournal(context, out, false);
  expect(journal.begin(identity)).toEqual([]);
  losses.forEach(journal.record);
  journal.save();
  return journal.path;
}

test('a resumed search gets every loss back, bit for bit, and goes on in the same file', async () => {
  const path = await saved();
  expect(path).toBe(join(folder, 'OUT.journal.json'));
  const resumed = await openSearchJournal(context, out, true);
  expect(resumed.begin(identity)).toEqual(losses);
  resumed.record([7, 8]);
  resumed.save();
  expect((await openSearchJournal(context, out, true)).begin(identity)).toEqual([...losses, [7, 8]]);
  resumed.discard();
  expect(existsSync(path)).toBe(false);
});

test('a search that never began leaves no file', async () => {
  const journal = await openSearchJournal(context, out, false);
  journal.save();
  expect(existsSync(journal.path)).toBe(false);
});

test('starting over where a journal lies is told', async () => {
  const path = await saved();
  await openSearchJournal(context, out, false);
  expect(lines).toEqual([`starting over; --resume would go on from ${path}`]);
});

test('no journal, half a journal, a changed one and another file are refused before any work', async () => {
  const resume = () => openSearchJournal(context, out, true);
  await expect(resume()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  const path = await saved();
  const text = readFileSync(path, 'utf8');
  const broken = new Map([
    ['cut short', text.slice(0, text.length / 2)],
    ['changed', text.replace('1e-300', '2e-300')],
    ['another version', text.replace('journal/1', 'journal/9')],
    ['no JSON object', '[1, 2]'],
  ]);
  for (const content of broken.values()) {
    writeFileSync(path, content);
    await expect(resume()).rejects.toMatchObject({
      code: 'FILE_INVALID',
      issues: [{ where: path, next: expect.stringContaining('without --resume') }],
    });
  }
});

test('a journal of another search is refused with every difference', async () => {
  await saved();
  const journal = await openSearchJournal(context, out, true);
  const begin = () => journal.begin({ model: 'bb', 'option seed': '2' });
  expect(begin).toThrow(/another model \(seen aa, allowed bb\)[\s\S]*another option seed \(seen 1, allowed 2\)/);
});
