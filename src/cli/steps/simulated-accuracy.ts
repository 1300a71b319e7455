/** Accuracy of a package over a whole data set in the simulator, which is quick enough for it where a board is not. */
import type { Dataset } from '../../data/dataset.ts';
import type { SimulationPool } from '../../simulate/engine.ts';
import { accuracyOf } from '../../validate/metrics.ts';
import type { CliContext } from '../context.ts';
import type { LoadedPackage } from './load-package.ts';
import { sampleReader } from './read-samples.ts';

/** Samples in memory at once. */
const sliceSamples = 1000;

/** 0..1, or null where the set has no metric. `dataset` is one that `matchPackage` returned. */
export async function simulatedAccuracy(
  context: CliContext,
  loaded: LoadedPackage,
  dataset: Dataset,
  simulator: SimulationPool,
): Promise<number | null> {
  const read = sampleReader(dataset, loaded);
  const progress = context.progress('simulate', 'samples');
  const scores: number[] = [];
  for (let start = 0; start < dataset.samples; start += sliceSamples) {
    context.signal.throwIfAborted();
    const batch = await read(start, Math.min(sliceSamples, dataset.samples - start));
    await simulator.setInputs(batch);
    const [codes] = await simulator.run(loaded.bytes);
    for (const code of codes!) scores.push(code);
    progress.update(start + batch.samples, dataset.samples);
  }
  progress.finish();
  return accuracyOf(scores, dataset, dataset.samples);
}
