/**
 * The losses of a search in the order in which it asked for them. A search is deterministic, so replaying a journal brings it to where
 * it was interrupted without running a single sample again for them.
 */
import { BitwrightError } from '../base/errors.ts';
import type { SweepLoss } from './coordinate-sweep.ts';

export interface Journal {
  /** The next recorded loss, or null behind the last one. */
  next(): SweepLoss | null;
  append(loss: SweepLoss): SweepLoss;
  /** Everything so far as JSON-safe pairs [fit, overall]; null stands for Infinity and NaN has its own marker. */
  entries(): JournalEntry[];
}

export interface JournalHooks {
  /** Called with every entry that is new. */
  readonly onEntry?: (entry: JournalEntry) => void;
  /** Once true nothing is recorded: a search that winds up asks for losses that a whole one would not. */
  readonly stopped?: () => boolean;
}

/** `'none'`: not run. `null`: infinite (the candidate could not be expressed). */
export type JournalEntry = readonly [number | null, number | null | 'none'];

export function createJournal(recorded: readonly JournalEntry[] = [], hooks: JournalHooks = {}): Journal {
  const losses = recorded.map(decode);
  let at = 0;
  return {
    next: () => (at < losses.length ? losses[at++] : null),
    append(loss) {
      if (hooks.stopped?.()) return loss;
      losses.push(loss);
      at = losses.length;
      hooks.onEntry?.(encode(loss));
      return loss;
    },
    entries: () => losses.map(encode),
  };
}

function encode({ fit, overall }: SweepLoss): JournalEntry {
  const number = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return [number(fit), Number.isNaN(overall) ? 'none' : number(overall)];
}

function decode([fit, overall]: JournalEntry): SweepLoss {
  return {
    fit: fit ?? Infinity,
    overall: overall === 'none' ? Number.NaN : (overall ?? Infinity),
  };
}

/** Reads entries from parsed JSON. Throws FILE_INVALID naming the first wrong one. */
export function parseJournal(value: unknown, source: string): JournalEntry[] {
  const isNumber = (part: unknown): boolean => part === null || (typeof part === 'number' && Number.isFinite(part));
  const isEntry = (entry: unknown): entry is JournalEntry =>
    Array.isArray(entry) && entry.length === 2 && isNumber(entry[0]) && (entry[1] === 'none' || isNumber(entry[1]));
  const wrong = Array.isArray(value) ? value.findIndex((entry) => !isEntry(entry)) : 0;
  if (Array.isArray(value) && wrong < 0) return value as JournalEntry[];
  throw new BitwrightError('FILE_INVALID', {
    message: 'not a journal of a search',
    where: `${source}, entry ${wrong}`,
    next: 'Start the search again without --resume.',
  });
}
