/**
 * What a verb may do to the outside: results on stdout, everything else on stderr, and work that must happen when the user interrupts.
 * With --json stdout carries exactly one document.
 */
import { BitwrightError } from '../base/errors.ts';
import { createProgress, type Progress } from './progress.ts';

export interface CliContext {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** A line about what is going on; silent with --quiet. */
  log(line: string): void;
  /** A line that the user should see even with --quiet. */
  warn(line: string): void;
  progress(label: string, unit: string): Progress;
  /** The result of the verb, once: the document with --json, else the text. */
  result<D extends { readonly schemaVersion: number }>(document: D, text: string): void;
  /**
   * Runs `work` so that the first interrupt only aborts its signal, with `note` as a line, and lets it end with what it has; a second
   * interrupt is one like any other.
   */
  gently<T>(note: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Runs `cleanup` when the process is interrupted; call the returned function when it is no longer needed. */
  onInterrupt(cleanup: () => void | Promise<void>): () => void;
}

export interface ContextOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

export interface InterruptibleContext extends CliContext {
  /** Asks gentle work to end; false where there is none, or where it has been asked already. */
  stopGently(): boolean;
  /** Aborts and runs the cleanups, newest first; what they throw is swallowed, since the process is ending anyway. */
  interrupt(): Promise<void>;
}

export function createContext(
  options: ContextOptions,
  streams = { out: process.stdout, err: process.stderr },
): InterruptibleContext {
  const { json, quiet } = options;
  const controller = new AbortController();
  let gentle: { readonly note: string; readonly controller: AbortController } | null = null;
  const cleanups: (() => void | Promise<void>)[] = [];
  const say = (line: string): void => {
    streams.err.write(`${line}\n`);
  };
  return {
    json,
    quiet,
    signal: controller.signal,
    log: (line) => {
      if (!quiet) say(line);
    },
    warn: say,
    progress: (label, unit) => createProgress({ label, unit, quiet, stream: streams.err }),
    result: (document, text) => {
      streams.out.write(json ? `${JSON.stringify(document, null, 2)}\n` : `${text}\n`);
    },
    gently: async (note, work) => {
      gentle = { note, controller: new AbortController() };
      try {
        return await work(gentle.controller.signal);
      } finally {
        gentle = null;
      }
    },
    stopGently: () => {
      if (gentle === null || gentle.controller.signal.aborted) return false;
      say(`\n${gentle.note}`);
      gentle.controller.abort();
      return true;
    },
    onInterrupt: (cleanup) => {
      cleanups.push(cleanup);
      return () => {
        const index = cleanups.indexOf(cleanup);
        if (index >= 0) cleanups.splice(index, 1);
      };
    },
    interrupt: async () => {
      controller.abort(new BitwrightError('INTERRUPTED', { message: 'interrupted by the user' }));
      for (const cleanup of cleanups.toReversed()) {
        try {
          await cleanup();
        } catch {
          // The process ends in any case; a second failure would only hide the interrupt.
        }
      }
    },
  };
}
