/** A pool of simulation workers. Each has its own kernels and its own share of the samples; results do not depend on how many there are. */
import { BitwrightError } from '../base/errors.ts';
import type { CodeArray, RunOptions, SampleBatch, SimulationPool } from './engine.ts';
import { createSampleShares, type SampleShares } from './sample-shares.ts';
import { detectPlatform } from './start-worker.ts';
import type { KernelChoice, WorkerReply, WorkerRequest, WorkerResult } from './worker-messages.ts';
import type { StartWorker, WorkerPort } from './worker-port.ts';

export interface SimulationPoolOptions {
  /** Threads; default: one per processor. */
  readonly workers?: number;
  /** Budget of all workers together; default 2 GiB. */
  readonly memoryBytes?: number;
  /** Default `fast`. Both give the same bytes. */
  readonly kernels?: KernelChoice;
  /** How workers are started; default: as the platform offers. For tests, and for bundlers that need their own way. */
  readonly startWorker?: StartWorker;
}

const defaultMemoryBytes = 2 * 2 ** 30;
const workersMax = 64;

/** Throws USAGE for options that make no sense and INTERNAL where workers do not start. */
export async function createSimulationPool(options: SimulationPoolOptions = {}): Promise<SimulationPool> {
  const platform = await detectPlatform();
  const workers = options.workers ?? Math.min(platform.threads, workersMax);
  const memoryBytes = options.memoryBytes ?? defaultMemoryBytes;
  requireInteger('workers', workers, 1, workersMax);
  requireInteger('memoryBytes', memoryBytes, 2 ** 20, 2 ** 53 - 1);
  const start = options.startWorker ?? platform.startWorker;
  const pool = new Pool(await Promise.all(Array.from({ length: workers }, () => start())));
  try {
    const request: WorkerRequest = {
      kind: 'start',
      memoryBytes: Math.floor(memoryBytes / workers),
      kernels: options.kernels ?? 'fast',
    };
    await pool.sendAll(() => request);
  } catch (error) {
    await pool.close();
    throw error;
  }
  return pool;
}

function requireInteger(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new BitwrightError('USAGE', {
    message: `${name} of the simulation is out of its range`,
    seen: value,
    allowed: `${low} to ${high}`,
  });
}

class Pool implements SimulationPool {
  readonly workers: number;
  readonly #members: Member[];
  #shares: SampleShares = createSampleShares(0, 1);
  /** Calls wait for their predecessors: a worker answers one request at a time. */
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(ports: readonly WorkerPort[]) {
    this.workers = ports.length;
    this.#members = ports.map((port, index) => new Member(port, index));
  }

  setInputs(batch: SampleBatch): Promise<void> {
    return this.#enqueue(async () => {
      this.#shares = createSampleShares(batch.samples, this.workers);
      const parts = this.#shares.split(batch);
      await this.sendAll(
        (worker) => ({ kind: 'inputs', batch: parts[worker]! }),
        (worker) => parts[worker]!.inputs.map(({ buffer }) => buffer),
      );
    });
  }

  run(program: Uint8Array, options: RunOptions = {}): Promise<CodeArray[]> {
    return this.#enqueue(async () => {
      const { first = 0, samples = this.#shares.samples } = options;
      requireInteger('the number of samples', samples, 1, this.#shares.samples);
      requireInteger('the first sample', first, 0, samples - 1);
      const replies = await this.sendAll((worker) => ({
        kind: 'run',
        program,
        tensors: options.tensors,
        first: this.#shares.shareOf(worker, first),
        samples: this.#shares.shareOf(worker, samples),
      }));
      return this.#shares.join(replies as CodeArray[][], first, samples);
    });
  }

  sumChannels(
    program: Uint8Array,
    tensor: number,
    channels: number,
    samples: number,
  ): Promise<Float64Array<ArrayBuffer>> {
    return this.#enqueue(async () => {
      requireInteger('the number of samples', samples, 1, this.#shares.samples);
      const replies = await this.sendAll((worker) => {
        const own = this.#shares.shareOf(worker, samples);
        return { kind: 'sums', program, tensor, channels, samples: own };
      });
      const sums = new Float64Array(channels);
      for (const [part] of replies) {
        for (let channel = 0; channel < channels; channel++) sums[channel]! += part![channel]!;
      }
      return sums;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#members.map((member) => member.close()));
  }

  /** Sends one request to every worker and waits for all replies; the first failure counts. */
  async sendAll(
    request: (worker: number) => WorkerRequest,
    transfer: (worker: number) => ArrayBuffer[] = () => [],
  ): Promise<(readonly WorkerResult[])[]> {
    const replies = await Promise.allSettled(
      this.#members.map((member, worker) => member.ask(request(worker), transfer(worker))),
    );
    return replies.map((reply) => {
      if (reply.status === 'rejected') throw reply.reason;
      return reply.value;
    });
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => {
      if (this.#closed) throw new BitwrightError('USAGE', { message: 'the simulation pool is closed' });
      return work();
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

/** One worker and its pending request. After its death every request fails with the cause. */
class Member {
  readonly #port: WorkerPort;
  readonly #index: number;
  #pending: { resolve(results: readonly WorkerResult[]): void; reject(error: unknown): void } | undefined;
  #death: BitwrightError | undefined;

  constructor(port: WorkerPort, index: number) {
    this.#port = port;
    this.#index = index;
    port.onReply((reply) => this.#settle(reply));
    port.onDeath((cause) => this.#die(cause));
  }

  ask(request: WorkerRequest, transfer: readonly ArrayBuffer[]): Promise<readonly WorkerResult[]> {
    if (this.#death !== undefined) return Promise.reject(this.#death);
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#port.setBusy(true);
      try {
        this.#port.send(request, transfer);
      } catch (cause) {
        this.#die(cause);
      }
    });
  }

  async close(): Promise<void> {
    this.#die(new Error('the pool was closed'));
    await this.#port.terminate();
  }

  #settle(reply: WorkerReply): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#port.setBusy(false);
    if (reply.kind === 'done') pending?.resolve(reply.results);
    else pending?.reject(new BitwrightError(reply.code, reply.issues));
  }

  #die(cause: unknown): void {
    this.#death ??= new BitwrightError(
      'INTERNAL',
      {
        message: `the worker is gone: ${cause instanceof Error ? cause.message : String(cause)}`,
        where: `simulation worker ${this.#index}`,
        next: 'Run again with fewer workers or a smaller --memory if the machine ran out of memory.',
      },
      { cause },
    );
    this.#pending?.reject(this.#death);
    this.#pending = undefined;
    this.#port.setBusy(false);
  }
}
