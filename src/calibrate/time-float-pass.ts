/** What one run of the float model over the calibration samples costs: the unit in which the cost of a search can be told anywhere. */
import type { Dataset } from '../data/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import { createFloatEngine } from './float-engine.ts';

/** Samples that the time is extrapolated from. */
const timedSamples = 64;

/**
 * Seconds for `samples` samples, the graph's own outputs only, on as many threads as ONNX Runtime takes. `dataset` fits the graph
 * (matchDataset). The first run warms up; the faster one of two more counts.
 */
export async function timeFloatPass(graph: Graph, dataset: Dataset, samples: number): Promise<number> {
  const count = Math.min(timedSamples, samples, dataset.samples);
  const inputs = await dataset.read(0, count);
  const engine = await createFloatEngine(graph);
  try {
    const fed = engine.inputs.map(({ name }) => inputs[graph.inputs.indexOf(name)]!);
    const run = async (): Promise<number> => {
      const started = performance.now();
      await engine.run(fed);
      return (performance.now() - started) / 1000;
    };
    await run();
    return (Math.min(await run(), await run()) / count) * samples;
  } finally {
    await engine.close();
  }
}
