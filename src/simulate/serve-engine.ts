/** The worker's side of the pool: answers requests with one engine. Knows nothing of threads. */
import { assert } from '../base/errors.ts';
import { createSampleEngine, type SampleEngine } from './sample-engine.ts';
import { failureReply, type WorkerReply, type WorkerRequest, type WorkerResult } from './worker-messages.ts';

export interface ServedReply {
  readonly reply: WorkerReply;
  /** Buffers that the reply may take with it. */
  readonly transfer: readonly ArrayBuffer[];
}

/** A handler that never rejects. Requests must come one after the other. */
export function serveEngine(): (request: WorkerRequest) => Promise<ServedReply> {
  let engine: SampleEngine | undefined;
  return async (request) => {
    try {
      if (request.kind === 'start') {
        engine = await createSampleEngine(request.memoryBytes, request.kernels);
        return { reply: { kind: 'done', results: [] }, transfer: [] };
      }
      assert(engine !== undefined, 'A simulation worker got work before it was started.');
      if (request.kind === 'inputs') {
        engine.setInputs(request.batch);
        return { reply: { kind: 'done', results: [] }, transfer: [] };
      }
      const results = answer(engine, request);
      return { reply: { kind: 'done', results }, transfer: results.map(({ buffer }) => buffer) };
    } catch (error) {
      return { reply: failureReply(error), transfer: [] };
    }
  };
}

type Work = Extract<WorkerRequest, { kind: 'run' | 'sums' }>;

function answer(engine: SampleEngine, request: Work): WorkerResult[] {
  const { program, samples } = request;
  return request.kind === 'run'
    ? engine.run(program, request.tensors, samples, request.first)
    : [engine.sumChannels(program, request.tensor, request.channels, samples)];
}
