/**
 * What a model would become on a target, without any data: which nodes the target's arithmetic has, and the memory of the program. Sizes
 * do not depend on scales, so every activation is given the range -1 to 1.
 */
import type { NumericProfile } from '../../arithmetic/profile.ts';
import type { Target } from '../../arithmetic/target.ts';
import { BitwrightError, type Issue } from '../../base/errors.ts';
import type { Statistics, ValueStatistics } from '../../calibrate/statistics.ts';
import type { Graph, Node } from '../../graph/graph.ts';
import type { QuantizationPlan } from '../../graph/quantization-plan.ts';
import { type AccumulatorProof, proveAccumulators } from '../../lower/accumulator-proof.ts';
import { cutEpilogue } from '../../lower/epilogue.ts';
import { lower } from '../../lower/lower.ts';
import { weightBytesOf } from '../../package/manifest.ts';
import { pack } from '../../package/pack.ts';
import { chooseMethod } from '../../quantize/choose-method.ts';
import { plainPlan } from '../../search/plain-plan.ts';
import { defaultOptions } from '../../search/quantize-model.ts';
import { prepareSetup } from '../../search/setup.ts';
import { stepsOfMethod } from '../../search/start-steps.ts';
import { targetProfile } from './target-profile.ts';

export interface TargetMemory {
  readonly weightBits: number;
  readonly programBytes: number;
  readonly weightBytes: number;
  readonly arenaBytes: number;
  readonly fits: boolean;
}

export interface TargetInspection {
  /** By node name: why the target cannot run it. */
  readonly rejected: ReadonlyMap<string, readonly Issue[]>;
  /** Nodes at the end that the host computes, because the target has no exact integer form of them. */
  readonly onHost: ReadonlySet<string>;
  /** One per weight width of the target; empty where nodes are rejected. */
  readonly memory: readonly TargetMemory[];
  /** By node name: the reach of its accumulator with the widest weights, whatever the input; exact ones are in a package's tables.json. */
  readonly accumulators: ReadonlyMap<string, AccumulatorProof>;
}

export function inspectTarget(model: Graph, target: Target): TargetInspection {
  const profile = targetProfile(target);
  const { graph } = cutEpilogue(model, profile);
  const kept = new Set(graph.nodes.map(({ name }) => name));
  const onHost = new Set(model.nodes.map(({ name }) => name).filter((name) => !kept.has(name)));
  const widest = Math.max(...target.weights.bits);
  const rejected = rejectedNodes(graph, profile, planWithoutData(graph, profile, widest));
  if (rejected.size > 0) return { rejected, onHost, memory: [], accumulators: new Map() };
  const memory = target.weights.bits.map((weightBits) => {
    const program = lower(graph, planWithoutData(graph, profile, weightBits), profile);
    const programBytes = pack(program).length;
    const { flashBytes, ramBytes } = target.memory;
    const fits = programBytes <= (flashBytes ?? programBytes) && program.arenaBytes <= (ramBytes ?? program.arenaBytes);
    return { weightBits, programBytes, weightBytes: weightBytesOf(program), arenaBytes: program.arenaBytes, fits };
  });
  const widestProgram = lower(graph, planWithoutData(graph, profile, widest), profile);
  const proofs = proveAccumulators(widestProgram, profile);
  return { rejected, onHost, memory, accumulators: new Map(proofs.map((proof) => [proof.name, proof])) };
}

function planWithoutData(graph: Graph, profile: NumericProfile, weightBits: number): QuantizationPlan {
  const { bits } = defaultOptions(weightBits, Math.max(...profile.activation.bits));
  const edges = Math.max(...profile.weight.bits);
  const statistics = statisticsWithoutData(graph);
  const setup = prepareSetup({ graph, profile, statistics, bits: { ...bits, edges }, perChannel: true });
  return plainPlan(setup, stepsOfMethod(setup, chooseMethod('max-abs')));
}

function statisticsWithoutData(graph: Graph): Statistics {
  const values = [...graph.values.values()].map(({ name, shape }): [string, ValueStatistics] => {
    const histogram = { lowest: -1, binWidth: 1, counts: Float64Array.of(1, 1) };
    return [name, { min: -1, max: 1, histogram, channelMean: new Float64Array(shape[1] ?? 1) }];
  });
  return { samples: 2, values: new Map(values), outputs: new Map() };
}

/** Every node is lowered on its own, so that all that are refused are found, not just the first. */
function rejectedNodes(graph: Graph, profile: NumericProfile, plan: QuantizationPlan): Map<string, readonly Issue[]> {
  const rejected = new Map<string, readonly Issue[]>();
  for (const node of graph.nodes) {
    try {
      lower(alone(graph, node), plan, profile);
    } catch (error) {
      if (!(error instanceof BitwrightError) || error.code === 'INTERNAL') throw error;
      rejected.set(node.name, error.issues);
    }
  }
  return rejected;
}

function alone(graph: Graph, node: Node): Graph {
  const inputs = [...new Set(node.inputs.filter((name) => graph.values.has(name)))];
  const known = [...inputs, ...node.outputs];
  const values = new Map(known.map((name) => [name, graph.values.get(name)!]));
  return { ...graph, nodes: [node], values, inputs, outputs: node.outputs };
}
