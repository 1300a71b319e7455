/** Progress of one long step: a bar with rate and time left on a terminal, a plain line now and then elsewhere, nothing with --quiet. */

export interface Progress {
  /** `total` may change while the step runs; 0 means unknown. */
  update(done: number, total: number, note?: string): void;
  /** Ends the line; says what was done and how long it took. */
  finish(note?: string): void;
}

export interface ProgressOptions {
  readonly label: string;
  /** Of what is counted: samples, bytes, evaluations. */
  readonly unit: string;
  readonly quiet: boolean;
  readonly stream: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): boolean };
  /** Milliseconds; a test gives its own clock. */
  readonly now?: () => number;
}

/** A terminal is redrawn this often, a log gets a line this often. */
const redrawMs = 100;
const logEveryMs = 10_000;
const barCells = 24;

export function createProgress(options: ProgressOptions): Progress {
  if (options.quiet) return { update: () => {}, finish: () => {} };
  const now = options.now ?? (() => performance.now());
  const terminal = options.stream.isTTY === true;
  const started = now();
  let drawn = terminal ? Number.NEGATIVE_INFINITY : started;
  let lastDone = 0;
  const seconds = (): number => (now() - started) / 1000;
  return {
    update: (done, total, note = '') => {
      lastDone = done;
      const time = now();
      if (time - drawn < (terminal ? redrawMs : logEveryMs)) return;
      drawn = time;
      const line = progressLine(options, done, total, seconds(), note);
      options.stream.write(terminal ? `\r${fit(line, options.stream.columns ?? 80)}\x1b[K` : `${line}\n`);
    },
    finish: (note = '') => {
      const count = lastDone === 0 ? '' : `: ${lastDone} ${options.unit}`;
      const line = `${options.label}${count} in ${seconds().toFixed(1)} s${note === '' ? '' : `, ${note}`}`;
      options.stream.write(terminal ? `\r${line}\x1b[K\n` : `${line}\n`);
    },
  };
}

function progressLine(options: ProgressOptions, done: number, total: number, seconds: number, note: string): string {
  const { label, unit, stream } = options;
  const rate = seconds > 0 ? done / seconds : 0;
  const rateText = rate === 0 ? '' : `, ${rate >= 100 ? rate.toFixed(0) : rate.toPrecision(3)} ${unit}/s`;
  const tail = note === '' ? '' : `, ${note}`;
  if (total <= 0) return `${label} ${done} ${unit}${rateText}${tail}`;
  const left = rate > 0 ? `, ${timeLeft((total - done) / rate)} left` : '';
  const share = Math.min(1, done / total);
  const filled = Math.round(share * barCells);
  const bar = stream.isTTY === true ? `[${'#'.repeat(filled)}${'.'.repeat(barCells - filled)}] ` : '';
  return `${label} ${bar}${Math.floor(100 * share)} % (${done}/${total} ${unit}${rateText}${left}${tail})`;
}

function timeLeft(seconds: number): string {
  const whole = Math.ceil(Math.max(0, seconds));
  return whole < 100 ? `${whole} s` : `${Math.ceil(whole / 60)} min`;
}

/** A line that wraps cannot be redrawn. */
function fit(line: string, columns: number): string {
  return line.length < columns ? line : line.slice(0, Math.max(1, columns - 1));
}
