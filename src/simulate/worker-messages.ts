/** What pool and workers say to each other. One request at a time per worker; each gets exactly one reply. */
import { BitwrightError, type ErrorCode, type Issue } from '../base/errors.ts';
import type { CodeArray, SampleBatch } from './engine.ts';

export type WorkerRequest =
  | { readonly kind: 'start'; readonly memoryBytes: number; readonly kernels: KernelChoice }
  | { readonly kind: 'inputs'; readonly batch: SampleBatch }
  | {
      readonly kind: 'run';
      readonly program: Uint8Array;
      readonly tensors: readonly number[] | undefined;
      /** Samples [first, samples) of the worker's own. */
      readonly first: number;
      readonly samples: number;
    }
  | {
      readonly kind: 'sums';
      readonly program: Uint8Array;
      readonly tensor: number;
      readonly channels: number;
      readonly samples: number;
    };

export type WorkerResult = CodeArray | Float64Array<ArrayBuffer>;

/** `plain`: the portable kernels that boards run; `fast`: SIMD variants where there is one. Results are the same bytes. */
export type KernelChoice = 'plain' | 'fast';

export type WorkerReply =
  | { readonly kind: 'done'; readonly results: readonly WorkerResult[] }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly issues: readonly Issue[] };

/** An error as data; anything but a BitwrightError is a defect of the worker, told with its message and stack. */
export function failureReply(error: unknown): WorkerReply {
  if (error instanceof BitwrightError) return { kind: 'failed', code: error.code, issues: error.issues };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: 'failed', code: 'INTERNAL', issues: [{ message: `a simulation worker failed: ${text}` }] };
}
