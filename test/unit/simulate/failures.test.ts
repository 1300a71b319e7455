import { Worker, type WorkerOptions } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { pack } from '../../../src/package/pack.ts';
import { createSimulationPool } from '../../../src/simulate/pool.ts';
import { nodePort, startNodeWorker } from '../../../src/simulate/start-worker.ts';
import type { WorkerRequest } from '../../../src/simulate/worker-messages.ts';
import { startInlineWorker, type WorkerPort } from '../../../src/simulate/worker-port.ts';
import { patched, randomInputs, sampleProgram } from './sample-program.ts';

const program = sampleProgram(7);
const bytes = pack(program);
const inputs = randomInputs(program, 4, 1);

/** A worker that answers until it gets a request of kind `when`, and then does `last`. */
function workerThat(last: string, when: WorkerRequest['kind'] = 'run', options: WorkerOptions = {}) {
  const source = `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ kind }) => {
      if (kind !== '${when}') return parentPort.postMessage({ kind: 'done', results: [] });
      ${last}
    });`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  return async () => nodePort(new Worker(url, options));
}

describe('a worker that fails', () => {
  it.each([
    ['throws', "throw new Error('worker broke');", /worker broke/],
    ['ends', 'process.exit(3);', /exit code 3/],
    [
      'traps',
      'new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,8,1,0,10,5,1,3,0,0,11)));',
      /unreachable/,
    ],
  ])('and %s rejects the call with its cause, and every later one', async (_, last, cause) => {
    const pool = await createSimulationPool({ workers: 2, startWorker: workerThat(last) });
    await pool.setInputs({ samples: 4, inputs });
    await expect(pool.run(bytes)).rejects.toThrow(cause);
    await expect(pool.run(bytes)).rejects.toThrow(cause);
    await pool.close();
  });

  it('and runs out of memory rejects the call with its cause', async () => {
    const limited = { resourceLimits: { maxOldGenerationSizeMb: 8 } };
    const startWorker = workerThat(
      'for (const all = []; ; ) all.push(new Array(1e5).fill(all.length));',
      'run',
      limited,
    );
    const pool = await createSimulationPool({ workers: 2, startWorker });
    await pool.setInputs({ samples: 4, inputs });
    await expect(pool.run(bytes)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(/memory limit/),
      issues: [{ where: 'simulation worker 0' }],
    });
    await pool.close();
  });

  it.each([
    ['throws', "throw new Error('worker broke');", /worker broke/],
    ['ends', 'process.exit(3);', /exit code 3/],
  ])('while it takes the samples, and %s, rejects that call', async (_, last, cause) => {
    const pool = await createSimulationPool({ workers: 2, startWorker: workerThat(last, 'inputs') });
    await expect(pool.setInputs({ samples: 4, inputs })).rejects.toThrow(cause);
    await expect(pool.run(bytes)).rejects.toThrow(cause);
    await pool.close();
  });

  it('between two calls is told by the next one', async () => {
    const worker = await workerThat('', 'run')();
    const died = new Promise((resolve) => worker.onDeath(resolve));
    const startWorker = async () => worker;
    const pool = await createSimulationPool({ workers: 1, startWorker });
    await pool.setInputs({ samples: 4, inputs });
    await worker.terminate();
    await died;
    await expect(pool.run(bytes)).rejects.toThrow(/simulation worker 0: the worker is gone/);
    await pool.close();
  });

  it('cannot be sent a message: the call is rejected', async () => {
    const startWorker = async () => {
      const port = await startInlineWorker();
      const send: WorkerPort['send'] = (request, transfer) => {
        if (request.kind === 'run') throw new Error('no memory for a message');
        port.send(request, transfer);
      };
      return { ...port, send };
    };
    const pool = await createSimulationPool({ workers: 2, startWorker });
    await pool.setInputs({ samples: 4, inputs });
    await expect(pool.run(bytes)).rejects.toThrow(/no memory for a message/);
    await pool.close();
  });

  it('does not start: the pool is refused', async () => {
    const startWorker = () => startNodeWorker(new URL('data:text/javascript,process.exit(1)'));
    await expect(createSimulationPool({ workers: 1, startWorker })).rejects.toThrow(/exit code 1/);
  });

  it('is told apart from a pool that was closed while it ran', async () => {
    const pool = await createSimulationPool({ workers: 1, startWorker: workerThat('') });
    await pool.setInputs({ samples: 4, inputs });
    const run = pool.run(bytes);
    await Promise.all([
      expect(run).rejects.toThrow(/closed/),
      new Promise((done) => setTimeout(done, 50)).then(() => pool.close()),
    ]);
    await expect(pool.run(bytes)).rejects.toThrow(/closed/);
  });

  it('leaves real workers unaffected: they end with the pool', async () => {
    let ended = 0;
    const startWorker = async () => {
      const port = await startNodeWorker();
      port.onDeath(() => ended++);
      return port;
    };
    const pool = await createSimulationPool({ workers: 2, startWorker });
    await pool.close();
    expect(ended).toBe(2);
    expect(Worker).toBeDefined();
  });
});

describe('the engine refuses', () => {
  const run = async (program: Uint8Array, batch = { samples: 4, inputs }, options = {}) => {
    const pool = await createSimulationPool({ workers: 1, startWorker: startInlineWorker });
    await pool.setInputs(batch);
    return pool.run(program, options).finally(() => pool.close());
  };
  const code = (expected: string) => expect.objectContaining({ code: expected });

  it('a truncated, a damaged and an empty program', async () => {
    await expect(run(bytes.subarray(0, bytes.length - 16))).rejects.toEqual(code('ARTIFACT_INVALID'));
    const damaged = Uint8Array.from(bytes);
    damaged[bytes.length - 20]! ^= 1;
    await expect(run(damaged)).rejects.toThrow(/checksum/);
    await expect(run(new Uint8Array(0))).rejects.toEqual(code('ARTIFACT_INVALID'));
  });

  it('an opcode that no kernel has', async () => {
    const operations = new DataView(bytes.buffer).getUint32(40, true);
    await expect(run(patched(bytes, operations, 99))).rejects.toThrow(/does not have/);
  });

  it('a program that reads what something has overwritten', async () => {
    // The second convolution then writes to where the first one has written: its own input.
    const tensors = new DataView(bytes.buffer).getUint32(36, true);
    const overwritten = Uint8Array.from(bytes);
    overwritten.copyWithin(tensors + 64, tensors + 32, tensors + 36);
    await expect(run(patched(overwritten, 14, 0))).rejects.toThrow(/writes over its own input/);
  });

  it('inputs of another size, and parts of a sample', async () => {
    const short = inputs.map((data) => data.slice(0, data.length / 2));
    await expect(run(bytes, { samples: 4, inputs: short })).rejects.toEqual(code('DATASET_MISMATCH'));
    await expect(run(bytes, { samples: 5, inputs })).rejects.toEqual(code('DATASET_MISMATCH'));
  });

  it('tensors and sample counts that do not exist', async () => {
    await expect(run(bytes, undefined, { tensors: [77] })).rejects.toEqual(code('USAGE'));
    await expect(run(bytes, undefined, { samples: 5 })).rejects.toEqual(code('USAGE'));
    await expect(createSimulationPool({ workers: 0 })).rejects.toEqual(code('USAGE'));
  });
});
