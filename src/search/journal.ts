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
  /** Everything so far, safe for JSON. */
  entries(): JournalEntry[];
}

/** [fit, heldOut, overall]; `'none'`: not run. `null`: infinite (the candidate could not be expressed). */
export type JournalEntry = readonly [JournalNumber, JournalNumber, JournalNumber];
export type JournalNumber = number | null | 'none';

export function createJournal(recorded: readonly JournalEntry[] = []): Journal {
  const losses = recorded.map(decode);
  let at = 0;
  return {
    next: () => (at < losses.length ? losses[at++] : null),
    append(loss) {
      losses.push(loss);
      at = losses.length;
      return loss;
    },
    entries: () => losses.map(encode),
  };
}

function encode({ fit, heldOut, overall }: SweepLoss): JournalEntry {
  const number = (value: number): JournalNumber =>
    Number.isNaN(value) ? 'none' : Number.isFinite(value) ? value : null;
  return [number(fit), number(heldOut), number(overall)];
}

function decode([fit, heldOut, overall]: JournalEntry): SweepLoss {
  const number = (value: JournalNumber): number => (value === 'none' ? Number.NaN : (value ?? Infinity));
  return { fit: number(fit), heldOut: number(heldOut), overall: number(overall) };
}

/** Reads entries from parsed JSON. Throws FILE_INVALID naming the first wrong one. */
export function parseJournal(value: unknown, source: string): JournalEntry[] {
  const isNumber = (part: unknown): boolean =>
    part === null || part === 'none' || (typeof part === 'number' && Number.isFinite(part));
  const isEntry = (entry: unknown): entry is JournalEntry =>
    Array.isArray(entry) && entry.length === 3 && entry.every(isNumber);
  const wrong = Array.isArray(value) ? value.findIndex((entry) => !isEntry(entry)) : 0;
  if (Array.isArray(value) && wrong < 0) return value as JournalEntry[];
  throw new BitwrightError('FILE_INVALID', {
    message: 'not a journal of a search',
    where: `${source}, entry ${wrong}`,
    next: 'Start the search again without --resume.',
  });
}
