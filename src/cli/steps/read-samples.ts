/** Samples of a data set as the codes that a program takes. */
import { getProfile } from '../../arithmetic/registry.ts';
import { BitwrightError } from '../../base/errors.ts';
import type { Tensor } from '../../base/tensor.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { IntegerProgram } from '../../graph/integer-program.ts';
import type { SampleBatch } from '../../simulate/engine.ts';
import { quantizeSamples } from '../../simulate/quantize-samples.ts';

export type SampleReader = (start: number, count: number) => Promise<SampleBatch>;

/** Throws DATASET_MISMATCH at once where the data set has other inputs than the program. */
export function sampleReader(dataset: Dataset, program: IntegerProgram): SampleReader {
  const order = inputOrder(dataset, program);
  const rounding = getProfile(program.profile).quantizeInput;
  return async (start, count) => {
    const tensors: Tensor[] = await dataset.read(start, count);
    const inputs = program.inputs.map((tensor, port) => ({
      tensor: program.tensors[tensor]!,
      samples: tensors[order[port]!]!,
    }));
    return quantizeSamples(inputs, rounding);
  };
}

/** Position in the data set of each program input: by name, or the only one. */
function inputOrder(dataset: Dataset, program: IntegerProgram): number[] {
  const names = program.inputs.map((tensor) => program.tensors[tensor]!.name);
  if (names.length === 1 && dataset.inputs.length === 1) return [0];
  const order = names.map((name) => dataset.inputs.findIndex((input) => input.name === name));
  const missing = names.filter((_, port) => order[port]! < 0);
  if (missing.length > 0 || dataset.inputs.length !== names.length) {
    throw new BitwrightError('DATASET_MISMATCH', {
      message: 'the data set has other inputs than the model',
      where: dataset.source,
      seen: dataset.inputs.map((input) => input.name ?? 'unnamed').join(', '),
      allowed: names.join(', '),
      next: 'Name the inputs in the manifest as the model does.',
    });
  }
  return order;
}
