/**
 * A program whose standard input and output are the stream of bytes: emulators run this way. It never outlives this process: it is killed on
 * close, on exit and on the signals that end us.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { DeviceEvidence } from './device.ts';
import type { ByteTransport } from './transport.ts';

const children = new Set<ChildProcessWithoutNullStreams>();
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const complaintCharactersMax = 2000;

function killAll(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Kills the children, then lets the signal do what it would have done without us. */
function onSignal(signal: NodeJS.Signals): void {
  killAll();
  stopWatching();
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function startWatching(): void {
  process.on('exit', killAll);
  for (const signal of endingSignals) process.on(signal, onSignal);
}

function stopWatching(): void {
  process.off('exit', killAll);
  for (const signal of endingSignals) process.off(signal, onSignal);
}

function adopt(child: ChildProcessWithoutNullStreams): void {
  if (children.size === 0) startWatching();
  children.add(child);
  child.once('exit', () => {
    if (children.delete(child) && children.size === 0) stopWatching();
  });
}

export interface ChildOptions {
  readonly description: string;
  readonly latencyMs: number;
  readonly evidence: DeviceEvidence;
}

/** Rejects with the spawn error (ENOENT where the command does not exist). */
export async function startChild(
  command: string,
  arguments_: readonly string[],
  options: ChildOptions,
): Promise<ByteTransport> {
  const child = spawn(command, [...arguments_], { stdio: 'pipe', windowsHide: true });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  adopt(child);
  let complaints = '';
  child.stderr.on('data', (text: Buffer) => {
    complaints = (complaints + text.toString()).slice(-complaintCharactersMax);
  });
  child.stdin.on('error', () => {}); /* the exit that follows tells */
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let closed = false;
  return {
    description: options.description,
    baud: null,
    latencyMs: options.latencyMs,
    evidence: options.evidence,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        child.stdin.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    onBytes: (listener) => void child.stdout.on('data', listener),
    onEnd: (listener) => {
      child.once('close', (code, signal) => {
        const why = complaints.trim() === '' ? '' : `: ${complaints.trim()}`;
        if (!closed) listener(`${command} ended with ${signal ?? `code ${code}`}${why}`);
      });
    },
    close: async () => {
      closed = true;
      child.kill('SIGKILL');
      await exited;
    },
  };
}
