/**
 * A program whose standard input and output are the stream of bytes: emulators run this way. It is killed on close and never outlives this
 * process.
 */
import { spawn } from 'node:child_process';
import { killWithUs } from './child-lifetime.ts';
import type { DeviceEvidence } from './device.ts';
import type { ByteTransport } from './transport.ts';

const complaintCharactersMax = 2000;

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
  killWithUs(child);
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
