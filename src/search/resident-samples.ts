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

/** Gives the pool the samples and returns their order: position in the pool -> position in `inputs`. */
export async function makeResident(
  pool: SimulationPool,
  graph: Graph,
  plan: QuantizationPlan,
  inputs: readonly Tensor[],
  profile: NumericProfile,
  seed: number,
): Promise<number[]> {
  const count = inputs[0]?.shape[0] ?? 0;
  if (count < samplesMin) {
    throw new BitwrightError('CALIBRATION_FAILED', {
      message: 'too few calibration samples',
      seen: count,
      allowed: `${samplesMin} and more, better 100 to 500`,
      next: 'Give a larger data set.',
    });
  }
  const described = graph.inputs.map((name, port) => ({
    tensor: { ...describeTensor(graph, plan, name), arenaOffsetBytes: 0 },
    samples: inputs[port],
  }));
  const order = shuffledOrder(count, seed);
  await pool.setInputs(inOrder(quantizeSamples(described, profile.quantizeInput), order));
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
