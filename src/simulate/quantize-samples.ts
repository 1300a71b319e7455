/** The border between real tensors and codes: what a host does before and after every execution, by the profile's own rounding. */
import { quantizeValue } from '../arithmetic/effective-scale.ts';
import type { NumericProfile } from '../arithmetic/profile.ts';
import { BitwrightError } from '../base/errors.ts';
import { elementCount, type Tensor, transposeTensor } from '../base/tensor.ts';
import { type ProgramTensor, tensorElements } from '../graph/integer-program.ts';
import { graphPermutation, physicalPermutation } from '../graph/physical-layout.ts';
import type { CodeArray, SampleBatch } from './engine.ts';

/**
 * Real samples [count, ...] in the model's layout to codes in the program's: q = clamp(round(f32(x / scale)) + zeroPoint), the division
 * in float32 and the zero point added after rounding (ONNX QuantizeLinear, TFLite AffineQuantize). Indices (int32 tensors) pass through.
 */
export function quantizeSamples(
  inputs: readonly { readonly tensor: ProgramTensor; readonly samples: Tensor }[],
  rounding: NumericProfile['quantizeInput'],
): SampleBatch {
  const counts = inputs.map(({ samples }) => samples.shape[0] ?? 1);
  return {
    samples: counts[0] ?? 0,
    inputs: inputs.map(({ tensor, samples }, port) => {
      const count = counts[port]!;
      if (elementCount(samples.shape) !== count * tensorElements(tensor) || count !== counts[0]) {
        throw new BitwrightError('DATASET_MISMATCH', {
          message: 'the samples do not fit the input',
          where: `input ${tensor.name}`,
          seen: `[${samples.shape.join(', ')}]`,
          allowed: `samples of ${tensorElements(tensor)} elements`,
        });
      }
      const rank = samples.shape.length;
      const physical = rank < 3 ? samples : transposeTensor(samples, physicalPermutation(rank));
      return tensor.dtype === 'int32'
        ? Int32Array.from(physical.data as Int32Array, Number)
        : encode(physical, tensor, rounding);
    }),
  };
}

function encode({ data }: Tensor, tensor: ProgramTensor, rounding: NumericProfile['quantizeInput']): CodeArray {
  const codes = tensor.dtype === 'int16' ? new Int16Array(data.length) : new Int8Array(data.length);
  for (let index = 0; index < codes.length; index++)
    codes[index] = quantizeValue(rounding, Number(data[index]), tensor);
  return codes;
}

/** Codes of `samples` samples back to reals f32(scale * (q - zeroPoint)) in the model's layout. */
export function dequantizeSamples(
  codes: CodeArray,
  tensor: ProgramTensor,
  samples: number,
): Tensor<Float32Array<ArrayBuffer>> {
  const data = new Float32Array(codes.length);
  for (let index = 0; index < codes.length; index++) data[index] = tensor.scale * (codes[index]! - tensor.zeroPoint);
  const shape = [samples, ...tensor.shape.slice(1)];
  const physical = { dtype: 'float32' as const, shape, data };
  return shape.length < 3 ? physical : transposeTensor(physical, graphPermutation(shape.length));
}
