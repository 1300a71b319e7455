/**
 * Calibration samples on their way into the simulator: quantized by the profile's rule and shuffled by a seed. Files are often sorted
 * by class, while the first sweeps of a search see only the first samples.
 */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { BitwrightError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import type { Graph } from '../graph/graph.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import { describeTensor } from '../lower/describe-tensor.ts';
import type { SimulationPool } from '../simulate/engine.ts';
import { type RealSamples, readCodes } from '../simulate/read-codes.ts';

const samplesMin = 2;

/**
 * Gives the pool the samples of `sets`, one set after the other, all of them as many and in the same order, which is returned: position
 * in the set -> position in what was read.
 */
export async function makeResident(
  pool: SimulationPool,
  graph: Graph,
  plan: QuantizationPlan,
  sets: readonly RealSamples[],
  profile: NumericProfile,
  seed: number,
): Promise<number[]> {
  const count = sets[0]?.samples ?? 0;
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
  await pool.setInputs(await readCodes(sets, tensors, profile.quantizeInput, order));
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
