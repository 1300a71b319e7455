/** Runs small quantized ONNX models in onnxruntime-node, unoptimised, so that every node computes what its definition says. */
import ort from 'onnxruntime-node';
import type { DType, Shape, TensorData } from '../../../src/base/tensor.ts';
import { createOnnxBuilder, type OnnxBuilder } from '../../../src/onnx/onnx-builder.ts';

export interface PortValue {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TensorData;
}

/** Builds with `build`, feeds `inputs`, returns the data of output `y`. */
export async function runOnnx(
  inputs: Readonly<Record<string, PortValue>>,
  output: { readonly dtype: DType; readonly shape: Shape },
  build: (builder: OnnxBuilder) => void,
): Promise<TensorData> {
  const builder = createOnnxBuilder();
  for (const [name, { dtype, shape }] of Object.entries(inputs)) builder.input(name, dtype, shape);
  builder.output('y', output.dtype, output.shape);
  build(builder);
  const model = builder.finish({ opset: 21, name: 'one', domains: { 'com.microsoft': 1 } });
  const options = { graphOptimizationLevel: 'disabled', intraOpNumThreads: 1, logSeverityLevel: 3 } as const;
  const session = await ort.InferenceSession.create(model, options);
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape, data }]) => [
      name,
      new ort.Tensor(dtype as 'int8', data as Int8Array, [...shape]),
    ]),
  );
  const results = await session.run(feeds);
  await session.release();
  return results.y.data as unknown as TensorData;
}

/** A scalar of a quantized operator: float32 scale or integer zero point. */
export function scalar(builder: OnnxBuilder, name: string, dtype: 'float32' | 'int8' | 'uint8', value: number): string {
  const data =
    dtype === 'float32' ? Float32Array.of(value) : dtype === 'int8' ? Int8Array.of(value) : Uint8Array.of(value);
  return builder.constant(name, { dtype, shape: [], data });
}

/** Codes of int8 storage as the runtime holds them: unchanged, or 128 more as uint8. */
export function asNative(
  codes: ArrayLike<number>,
  dtype: 'int8' | 'uint8',
): Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer> {
  return dtype === 'int8' ? Int8Array.from(codes) : Uint8Array.from(codes, (code) => code + 128);
}
