/** Runs float ONNX models in onnxruntime-node, which is loaded on first use. The one place that knows its API for floats. */
import type * as Ort from 'onnxruntime-node';
import { assert, BitwrightError } from '../base/errors.ts';
import type { Shape, Tensor, TensorData } from '../base/tensor.ts';
import type { Graph } from '../graph/graph.ts';
import { writeOnnx } from '../onnx/write-onnx.ts';

export interface FloatEngineOptions {
  /** Threads inside an operator; default: what ONNX Runtime chooses. */
  readonly threads?: number;
  /** Values to return where a graph is given; default: its outputs. */
  readonly outputs?: readonly string[];
}

export interface FloatInput {
  readonly name: string;
  /** As ONNX Runtime says; dynamic sizes are names. */
  readonly shape: readonly (number | string)[];
  readonly dtype: string;
}

export interface FloatEngine {
  readonly inputs: readonly FloatInput[];
  readonly outputs: readonly string[];
  /** One tensor per input, in the order of `inputs`, batch first; returns the outputs by name. */
  run(inputs: readonly Tensor[]): Promise<Map<string, Tensor>>;
  close(): Promise<void>;
}

/** Loads a graph or a model file. Throws MODEL_INVALID where ONNX Runtime refuses it. */
export async function createFloatEngine(
  model: Graph | Uint8Array,
  options: FloatEngineOptions = {},
): Promise<FloatEngine> {
  const ort = (await import('onnxruntime-node')).default as unknown as typeof Ort;
  const bytes =
    model instanceof Uint8Array
      ? model
      : writeOnnx(model, options.outputs === undefined ? {} : { outputs: options.outputs });
  const sessionOptions: Ort.InferenceSession.SessionOptions = {
    logSeverityLevel: 3,
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
  };
  let session: Ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, sessionOptions);
  } catch (cause) {
    throw new BitwrightError(
      'MODEL_INVALID',
      {
        message: 'ONNX Runtime refuses the model',
        seen: firstLine(cause),
        next: 'Check the file with the onnx checker.',
      },
      { cause },
    );
  }
  const inputs = session.inputMetadata.map(
    (input): FloatInput => ({
      name: input.name,
      shape: input.isTensor ? input.shape : [],
      dtype: input.isTensor ? input.type : 'unknown',
    }),
  );
  return {
    inputs,
    outputs: session.outputNames,
    run: async (tensors) => {
      assert(tensors.length === inputs.length, `The model has ${inputs.length} inputs, not ${tensors.length}.`);
      const feeds = Object.fromEntries(inputs.map((input, index) => [input.name, toOrt(ort, tensors[index]!, input)]));
      try {
        const results = await session.run(feeds);
        return new Map(session.outputNames.map((name) => [name, fromOrt(results[name]!, name)]));
      } catch (cause) {
        if (cause instanceof BitwrightError) throw cause;
        throw new BitwrightError(
          'DATASET_MISMATCH',
          {
            message: 'ONNX Runtime refuses the inputs',
            seen: firstLine(cause),
            allowed: inputs.map((input) => `${input.name}[${input.shape.join(',')}]`).join(', '),
          },
          { cause },
        );
      }
    },
    close: () => session.release(),
  };
}

function firstLine(cause: unknown): string {
  return String((cause as Error).message ?? cause)
    .split('\n')[0]!
    .slice(0, 300);
}

/** Indices are fed in the width the model asks for. */
function toOrt(ort: typeof Ort, tensor: Tensor, input: FloatInput): Ort.Tensor {
  const dims = [...tensor.shape];
  if (input.dtype === 'int32' && tensor.data instanceof BigInt64Array)
    return new ort.Tensor('int32', Int32Array.from(tensor.data, Number), dims);
  if (input.dtype === 'int64' && tensor.data instanceof Int32Array)
    return new ort.Tensor('int64', BigInt64Array.from(tensor.data, BigInt), dims);
  return new ort.Tensor(tensor.dtype as 'float32', tensor.data as Float32Array, dims);
}

function fromOrt(tensor: Ort.Tensor, name: string): Tensor {
  const dtype = tensor.type;
  if (
    dtype !== 'float32' &&
    dtype !== 'int64' &&
    dtype !== 'int32' &&
    dtype !== 'int8' &&
    dtype !== 'uint8' &&
    dtype !== 'float64'
  ) {
    throw new BitwrightError('MODEL_UNSUPPORTED', {
      message: 'element type of an output',
      where: `value ${name}`,
      seen: dtype,
      allowed: 'float32, float64, int8, uint8, int32, int64',
    });
  }
  return { dtype, shape: tensor.dims as Shape, data: tensor.data as TensorData };
}
