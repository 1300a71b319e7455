/**
 * One model in ONNX Runtime, in the same words for Node and for browsers: the page of the `chromium` device loads this file too, so it
 * imports nothing at run time.
 */
import type * as Ort from 'onnxruntime-node';
import type { Tensor, TensorData } from '../base/tensor.ts';

export const optimizationLevels = ['disabled', 'basic', 'extended', 'all'] as const;
export type OptimizationLevel = (typeof optimizationLevels)[number];

export interface CoreRun {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Time of the inference alone. */
  readonly milliseconds: number;
}

/** One loaded model: named tensors in, named tensors out. */
export interface CoreSession {
  run(feeds: ReadonlyMap<string, Tensor>): Promise<CoreRun>;
  close(): Promise<void>;
}

/** What the packages of ONNX Runtime have in common. */
export type OrtRuntime = Pick<typeof Ort, 'InferenceSession' | 'Tensor'>;

export async function createCoreSession(
  ort: OrtRuntime,
  model: Uint8Array<ArrayBuffer>,
  options: Ort.InferenceSession.SessionOptions,
): Promise<CoreSession> {
  const session = await ort.InferenceSession.create(model, { ...options, logSeverityLevel: 3 });
  return {
    run: async (feeds) => {
      const named = [...feeds].map(([name, { dtype, data, shape }]) => [
        name,
        new ort.Tensor(dtype as 'int8', data as Int8Array, shape),
      ]);
      const start = performance.now();
      const results = await session.run(Object.fromEntries(named));
      const milliseconds = performance.now() - start;
      const tensors = Object.entries(results).map(([name, { type, data, dims }]): [string, Tensor] => [
        name,
        { dtype: type as 'int8', data: data as TensorData, shape: dims },
      ]);
      return { tensors: new Map(tensors), milliseconds };
    },
    close: () => session.release(),
  };
}
