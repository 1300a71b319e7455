/**
 * Calibration samples on their way into the simulator: quantized by the profile's rule and shuffled by a seed. Files are often sorted
 * by class, while the first sweeps of a search see only the first samples.
 */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { BitwrightError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Graph } from '../graph/graph.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import { describeTensor } from '../lower/describe-tensor.ts';
import type { CodeArray, SampleBatch, SimulationPool } from '../simulate/engine.ts';
import { quantizeSamples } from '../simulate/quantize-samples.ts';

const samplesMin = 2;

/**
 * Gives the pool the samples of `sets`, one set after the other, all of them as many and in the same order, which is returned: position
 * in the set -> position in its tensors (one per graph input).
 */
export async function makeResident(
  pool: SimulationPool,
  graph: Graph,
  plan: QuantizationPlan,
  sets: readonly (readonly Tensor[])[],
  profile: NumericProfile,
  seed: number,
): Promise<number[]> {
  const count = sets[0]?.[0]?.shape[0] ?? 0;
  if (count < samplesMin) {
    throw new BitwrightError('CALIBRATION_FAILED', {
      message: 'too few calibration samples',
      seen: count,
      allowed: `${samplesMin} and more, better 100 to 500`,
      next: 'Give a larger data set.',
    });
  }
  const tensors = graph.inputs.map((name) => ({ ...describeTensor(graph, plan, name), arenaOffsetBytes: 0 }));
  const order = shuffledOrder(count, seed);
  const batches = sets.map((inputs) => {
    const described = tensors.map((tensor, port) => ({ tensor, samples: inputs[port] }));
    return inOrder(quantizeSamples(described, profile.quantizeInput), order);
  });
  await pool.setInputs(joined(batches));
  return order;
}

/** A permutation of 0..count-1 (Fisher-Yates). */
export function shuffledOrder(count: number, seed: number): number[] {
  const random = seededRandom(seed);
  const order = Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index--) {
    const other = random.integer(0, index);
    [order[index], order[other]] = [order[other], order[index]];
  }
  return order;
}

function inOrder(batch: SampleBatch, order: readonly number[]): SampleBatch {
  return {
    samples: batch.samples,
    inputs: batch.inputs.map((codes) => {
      const elements = codes.length / batch.samples;
      const shuffled = codes.slice() as CodeArray;
      order.forEach((sample, index) => {
        shuffled.set(codes.subarray(sample * elements, (sample + 1) * elements), index * elements);
      });
      return shuffled;
    }),
  };
}

function joined(batches: readonly SampleBatch[]): SampleBatch {
  if (batches.length === 1) return batches[0];
  return {
    samples: batches.reduce((sum, { samples }) => sum + samples, 0),
    inputs: batches[0].inputs.map((like, port) => {
      const parts = batches.map(({ inputs }) => inputs[port]);
      const kind = like.constructor as new (length: number) => CodeArray;
      const all = new kind(parts.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      return all;
    }),
  };
}
