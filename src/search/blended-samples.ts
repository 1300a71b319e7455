/** Blended calibration samples with the float model's answers to them: what the loss of a search is taken on where `blend` asks for it. */
import type { FloatTensor } from '../base/tensor.ts';
import { valuesKeptWhole } from '../calibrate/calibrate.ts';
import { runFloatModel } from '../calibrate/run-float-model.ts';
import { blendSamples } from '../data/blend-samples.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import type { LossSamples } from './resident-evaluator.ts';

/**
 * Of the first `samples` of `dataset`, which fits the graph (matchDataset); undefined where `share` is 0. Throws DATASET_MISMATCH where
 * an input holds indices.
 */
export async function blendedSamples(
  graph: Graph,
  dataset: Dataset,
  samples: number,
  share: number,
): Promise<LossSamples | undefined> {
  if (share === 0) return undefined;
  const blends = blendSamples(dataset, samples, share);
  const outputs = [...valuesKeptWhole(graph)];
  const values = await runFloatModel(graph, blends, { outputs });
  return {
    inputs: blends,
    outputs: new Map(outputs.map((name, index) => [name, values[index] as FloatTensor])),
  };
}
