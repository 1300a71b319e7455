/**
 * Calibration for the search: statistics of the graph that it will quantize. Equalizing channels needs statistics and changes the graph, so
 * such a graph is calibrated once more.
 */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { type CalibrateOptions, calibrate } from '../calibrate/calibrate.ts';
import type { Statistics } from '../calibrate/statistics.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import { cutEpilogue } from '../lower/epilogue.ts';
import { assignBits } from '../quantize/bit-assignment.ts';
import { equalizeChannels } from '../quantize/equalize-channels.ts';
import { scaleGroups } from '../quantize/scale-groups.ts';
import type { PrepareOptions } from './prepare-model.ts';

export interface EqualizeOptions extends PrepareOptions {
  /** Whether `lapq` may scale channels against each other before it searches; step methods quantize the graph as it is. */
  readonly equalize: boolean;
}

export interface CalibratedModel {
  /** The graph to quantize; computes the same floats as the one given. */
  readonly graph: Graph;
  readonly statistics: Statistics;
}

/** Throws what `calibrate` throws, and TARGET_LIMIT for bits that the profile lacks. */
export async function calibrateModel(
  graph: Graph,
  dataset: Dataset,
  profile: NumericProfile,
  options: EqualizeOptions,
  calibration: CalibrateOptions,
): Promise<CalibratedModel> {
  const statistics = await calibrate(graph, dataset, calibration);
  const equalized = equalizedGraph(graph, statistics, profile, options);
  if (equalized === graph) return { graph, statistics };
  return { graph: equalized, statistics: await calibrate(equalized, dataset, calibration) };
}

function equalizedGraph(
  graph: Graph,
  statistics: Statistics,
  profile: NumericProfile,
  { method, equalize, perChannel, bits }: EqualizeOptions,
): Graph {
  if (method !== 'lapq' || !equalize || !perChannel || !profile.weight.perChannel) return graph;
  const { graph: cut } = cutEpilogue(graph, profile);
  const groups = scaleGroups(cut, profile);
  const assigned = assignBits(cut, groups, profile, bits);
  const groupOf = new Map(groups.flatMap(({ index, values }) => values.map((value) => [value, index] as const)));
  return equalizeChannels(graph, statistics, {
    weights: (node) => assigned.weights.get(node)!,
    activation: (value) => assigned.activations[groupOf.get(value)!]!,
  });
}
