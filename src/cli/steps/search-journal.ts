/**
 * The journal of a search as a file beside OUT/, from which an interrupted search goes on: OUT.journal.json. It holds every loss that
 * the search has found and what the search was of; a journal of anything else is refused.
 */
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { BitwrightError, IssueList } from '../../base/errors.ts';
import { type JournalEntry, parseJournal } from '../../search/journal.ts';
import type { CliContext } from '../context.ts';
import { readUserText } from './read-file.ts';
import { writeFiles } from './write-files.ts';

/** All that the losses of a search depend on, by a name that a reader understands. */
export type SearchIdentity = Readonly<Record<string, string>>;

export interface SearchJournal {
  readonly path: string;
  /** Says what the search is of; returns the losses that are known already. Throws FILE_INVALID where they are of another search. */
  begin(identity: SearchIdentity): readonly JournalEntry[];
  record(entry: JournalEntry): void;
  /** Writes what is new. */
  save(): void;
  /** The search is over: nothing is left to resume. */
  discard(): void;
}

const format = 'bitwright-journal/1';
/** A search that ends without a signal (power, memory) loses this much. */
const saveEveryMs = 5000;
const startAgain = 'Start the search again without --resume.';

/** With `resume` the journal beside OUT/ is read; throws FILE_NOT_FOUND or FILE_INVALID. */
export async function openSearchJournal(
  context: Pick<CliContext, 'log'>,
  outFolder: string,
  resume: boolean,
): Promise<SearchJournal> {
  const path = `${resolve(outFolder)}.journal.json`;
  if (!resume && existsSync(path)) context.log(`starting over; --resume would go on from ${path}`);
  const found = resume ? await readJournal(path) : null;
  const entries: JournalEntry[] = [...(found?.losses ?? [])];
  let identity: SearchIdentity | null = null;
  let saved = entries.length;
  let savedAt = performance.now();
  const save = (): void => {
    if (identity === null || entries.length === saved) return;
    const content = { format, search: identity, losses: entries };
    writeFiles(new Map([[path, `${JSON.stringify({ ...content, checksum: checksumOf(content) })}\n`]]));
    saved = entries.length;
    savedAt = performance.now();
  };
  return {
    path,
    begin(own) {
      if (found !== null) requireSame(path, found.search, own);
      identity = own;
      return [...entries];
    },
    record(entry) {
      entries.push(entry);
      if (performance.now() - savedAt >= saveEveryMs) save();
    },
    save,
    discard: () => rmSync(path, { force: true }),
  };
}

interface JournalFile {
  readonly search: Readonly<Record<string, unknown>>;
  readonly losses: readonly JournalEntry[];
}

async function readJournal(path: string): Promise<JournalFile> {
  const text = await readUserText(path, 'No search into this folder was interrupted; start it without --resume.');
  const { checksum, ...content } = parseObject(text, path);
  const { format: own, search, losses } = content;
  if (own !== format) throw damaged(path, 'not a journal of a search, or of another version of bitwright');
  if (checksum !== checksumOf(content)) throw damaged(path, 'the journal was changed or cut short');
  return { search: search as JournalFile['search'], losses: parseJournal(losses, path) };
}

function checksumOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function parseObject(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // The same as JSON of another kind.
  }
  throw damaged(path, 'the journal is no JSON object, or was cut short');
}

function damaged(path: string, message: string): BitwrightError {
  return new BitwrightError('FILE_INVALID', { message, where: path, next: startAgain });
}

function requireSame(path: string, found: JournalFile['search'], own: SearchIdentity): void {
  const issues = new IssueList('FILE_INVALID');
  for (const name of new Set([...Object.keys(own), ...Object.keys(found)])) {
    if (found[name] === own[name]) continue;
    issues.add({
      message: `the journal is of a search with another ${name}`,
      where: path,
      seen: String(found[name] ?? 'nothing'),
      allowed: own[name] ?? 'nothing',
      next: `Repeat the command that was interrupted, or start the search again without --resume.`,
    });
  }
  issues.throwIfAny();
}
