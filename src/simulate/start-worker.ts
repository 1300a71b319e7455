/** Starts simulation workers on whatever the platform offers: worker_threads, Web Workers, or the caller's own thread. */
import type { Worker as NodeWorker } from 'node:worker_threads';
import { builtFile } from '../base/built-file.ts';
import type { WorkerReply } from './worker-messages.ts';
import { type StartWorker, startInlineWorker, type WorkerPort } from './worker-port.ts';

const inNode = typeof process === 'object' && typeof process.versions?.node === 'string';

export interface Platform {
  readonly startWorker: StartWorker;
  /** Threads worth using; 1 where there are no workers. */
  readonly threads: number;
}

export async function detectPlatform(): Promise<Platform> {
  if (inNode) {
    // Under Node's permission model threads are a permission of their own.
    if (process.permission?.has('worker') === false) return { startWorker: startInlineWorker, threads: 1 };
    const { availableParallelism } = await import('node:os');
    return { startWorker: startNodeWorker, threads: availableParallelism() };
  }
  if (typeof Worker === 'function') return { startWorker: startWebWorker, threads: navigator.hardwareConcurrency ?? 1 };
  return { startWorker: startInlineWorker, threads: 1 };
}

export async function startNodeWorker(url: URL = builtFile('./node-worker.js', import.meta.url)): Promise<WorkerPort> {
  const { Worker } = await import('node:worker_threads');
  return nodePort(new Worker(url));
}

export function nodePort(worker: NodeWorker): WorkerPort {
  worker.unref();
  return {
    send: (request, transfer) => worker.postMessage(request, [...transfer]),
    onReply: (listener) => worker.on('message', (reply: WorkerReply) => listener(reply)),
    onDeath(listener) {
      worker.on('error', listener);
      worker.on('messageerror', listener);
      worker.on('exit', (code) => listener(new Error(`the worker ended with exit code ${code}`)));
    },
    setBusy: (busy) => (busy ? worker.ref() : worker.unref()),
    terminate: async () => void (await worker.terminate()),
  };
}

async function startWebWorker(): Promise<WorkerPort> {
  const worker = new Worker(new URL('./web-worker.js', import.meta.url), { type: 'module' });
  return {
    send: (request, transfer) => worker.postMessage(request, [...transfer]),
    onReply: (listener) => worker.addEventListener('message', ({ data }: MessageEvent<WorkerReply>) => listener(data)),
    onDeath(listener) {
      /* a script that does not load says nothing of itself */
      worker.addEventListener('error', ({ error, message }) =>
        listener(error ?? new Error(message || 'its script could not be loaded')),
      );
      worker.addEventListener('messageerror', () => listener(new Error('a message could not be read')));
    },
    setBusy() {},
    terminate: async () => worker.terminate(),
  };
}
