/**
 * Some methods quantize another graph than the one they are given: OCS splits channels, DUAL doubles layers. The graph they make computes
 * the same floats, and everything after (calibration, search, lowering, export) sees it alone.
 */
import type { NumericProfile } from '../arithmetic/profile.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { cutEpilogue } from '../lower/epilogue.ts';
import { assignBits, type BitOptions } from '../quantize/bit-assignment.ts';
import { chooseMethod } from '../quantize/choose-method.ts';
import { scaleGroups } from '../quantize/scale-groups.ts';
import type { LayerToPrepare } from '../quantize/step-method.ts';
import { weightGrid } from '../quantize/weight-steps.ts';
import { weightedNodes } from '../quantize/weighted-nodes.ts';

/** The parts of a search's options that preparing reads or changes. */
export interface PrepareOptions {
  /** `lapq` or a step method. */
  readonly method: string;
  readonly bits: BitOptions;
  readonly perChannel: boolean;
}

export interface PreparedModel<Options> {
  readonly graph: Graph;
  /** With the bits of what a method has added. */
  readonly options: Options;
}

/** Call it before calibration. Throws USAGE for an unknown method and TARGET_LIMIT for bits that the profile lacks. */
export function prepareModel<Options extends PrepareOptions>(
  graph: Graph,
  profile: NumericProfile,
  options: Options,
): PreparedModel<Options> {
  if (options.method === 'lapq') return { graph, options };
  const { method, parameter } = chooseMethod(options.method);
  if (method.prepare === undefined) return { graph, options };
  const layers = layersToPrepare(graph, profile, options);
  const prepared = method.prepare(graph, layers, parameter);
  const overrides = [...options.bits.overrides, ...prepared.overrides];
  return { graph: prepared.graph, options: { ...options, bits: { ...options.bits, overrides } } };
}

/** Convolutions and dense layers below 8 bits; at 8 bits there is nothing to win. */
function layersToPrepare(graph: Graph, profile: NumericProfile, options: PrepareOptions): LayerToPrepare[] {
  const { graph: cut } = cutEpilogue(graph, profile);
  const groups = scaleGroups(cut, profile);
  const bits = assignBits(cut, groups, profile, options.bits);
  const outputBits = (node: Node): number => {
    const group = groups.find(({ values }) => values.includes(node.outputs[0]!));
    return bits.activations[group!.index]!;
  };
  return weightedNodes(cut)
    .filter(({ node, singleScale }) => !singleScale && bits.weights.get(node.name)! < 8)
    .map((weighted) => {
      const weightBits = bits.weights.get(weighted.node.name)!;
      return {
        weighted,
        grid: weightGrid(weightBits, profile),
        perChannel: options.perChannel && profile.weight.perChannel,
        weightBits,
        outputBits: outputBits(weighted.node),
      };
    });
}
