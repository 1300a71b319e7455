/** Everything about a quantization that a search does not change: scale groups, bits, layers, and the distributions of activations. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { assert, IssueList } from '../base/errors.ts';
import type { Statistics, ValueStatistics } from '../calibrate/statistics.ts';
import type { Graph } from '../graph/graph.ts';
import { activationGrid } from '../quantize/activation-parameters.ts';
import type { ChannelMeans } from '../quantize/bias-correction.ts';
import { assignBits, type BitAssignment, type BitOptions } from '../quantize/bit-assignment.ts';
import type { CodeGrid } from '../quantize/code-grid.ts';
import { type Distribution, distributionOfHistogram, mergeDistributions } from '../quantize/distribution.ts';
import { layerGeometry, tapCoverage } from '../quantize/layer-geometry.ts';
import { type ScaleGroup, scaleGroups } from '../quantize/scale-groups.ts';
import { weightGrid } from '../quantize/weight-steps.ts';
import { checkWeights, weightedNodes } from '../quantize/weighted-nodes.ts';
import type { Layer } from './layer-plan.ts';
import { setupWarnings } from './setup-warnings.ts';

export interface ActivationGroup {
  readonly group: ScaleGroup;
  readonly bits: number;
  readonly grid: CodeGrid;
  readonly distribution: Distribution;
}

export interface Setup {
  readonly graph: Graph;
  readonly profile: NumericProfile;
  readonly statistics: Statistics;
  /** In forward order of their first value. */
  readonly groups: readonly ActivationGroup[];
  /** In forward order. */
  readonly layers: readonly Layer[];
  readonly groupOf: ReadonlyMap<string, ActivationGroup>;
  readonly perChannel: boolean;
  /** What the user should know: dead activations and the like. */
  readonly warnings: readonly string[];
}

export interface SetupRequest {
  readonly graph: Graph;
  readonly profile: NumericProfile;
  readonly statistics: Statistics;
  readonly bits: BitOptions;
  /** Weight scales per output channel where the profile allows it. */
  readonly perChannel: boolean;
}

/** Throws MODEL_INVALID for weights that are no numbers, CALIBRATION_FAILED for statistics that are, TARGET_LIMIT for bits. */
export function prepareSetup(request: SetupRequest): Setup {
  const { graph, profile, statistics } = request;
  const weighted = weightedNodes(graph);
  const issues = new IssueList('MODEL_INVALID');
  checkWeights(weighted, issues);
  issues.throwIfAny();
  const groups = scaleGroups(graph, profile);
  checkStatistics(groups, statistics);
  const bits = assignBits(graph, groups, profile, request.bits);
  const described = groups.map((group) => describeGroup(group, bits, profile, statistics));
  const layers = weighted.map((layer): Layer => {
    const layerBits = bits.weights.get(layer.node.name);
    assert(layerBits !== undefined, `Node ${layer.node.name} got no bits.`);
    const geometry = layerGeometry(graph, layer);
    return {
      weighted: layer,
      geometry,
      coverage: geometry === null ? new Float64Array() : tapCoverage(geometry),
      bits: layerBits,
      grid: weightGrid(layerBits, profile),
      floatMeans: geometry === null ? null : meansOf(layer.node.inputs[0], geometry.channels, statistics),
    };
  });
  return {
    graph,
    profile,
    statistics,
    groups: described,
    layers,
    groupOf: new Map(described.flatMap((entry) => entry.group.values.map((value) => [value, entry] as const))),
    perChannel: request.perChannel && profile.weight.perChannel,
    warnings: setupWarnings(described, layers),
  };
}

/** Null where the value's channels are not those of the layer: rows and images read by one value's readers. */
function meansOf(value: string, channels: number, statistics: Statistics): ChannelMeans | null {
  const means = statistics.values.get(value)?.channelMean;
  return means?.length === channels ? means : null;
}

function checkStatistics(groups: readonly ScaleGroup[], statistics: Statistics): void {
  const issues = new IssueList('CALIBRATION_FAILED');
  for (const value of groups.flatMap((group) => group.values)) {
    const found = statistics.values.get(value);
    if (found === undefined) issues.add({ message: 'calibration did not see this value', where: `value ${value}` });
    else if (!Number.isFinite(found.min) || !Number.isFinite(found.max)) {
      issues.add({
        message: 'calibration met a value that is not a finite number',
        where: `value ${value}`,
        seen: `${found.min} to ${found.max}`,
        next: 'Look for NaN or infinity in the model or in the calibration data.',
      });
    }
  }
  issues.throwIfAny();
}

function describeGroup(
  group: ScaleGroup,
  bits: BitAssignment,
  profile: NumericProfile,
  statistics: Statistics,
): ActivationGroup {
  const parts = group.values.map((value) => {
    const { histogram, min, max } = statistics.values.get(value) as ValueStatistics;
    return distributionOfHistogram(histogram, min, max);
  });
  const distribution = mergeDistributions(parts);
  const groupBits = bits.activations[group.index];
  return { group, bits: groupBits, distribution, grid: activationGrid(groupBits, distribution.min >= 0, profile) };
}
