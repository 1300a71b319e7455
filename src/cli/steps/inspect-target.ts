/**
 * What a model would become on a target, without any data: which nodes the target's arithmetic has, and the memory of the program. Sizes
 * do not depend on scales, so every activation is given the range -1 to 1.
 */
import type { NumericProfile } from '../../arithmetic/profile.ts';
import type { Target } from '../../arithmetic/target.ts';
import type { Issue } from '../../base/errors.ts';
import type { Statistics, ValueStatistics } from '../../calibrate/statistics.ts';
import type { Graph } from '../../graph/graph.ts';
import type { IntegerProgram } from '../../graph/integer-program.ts';
import type { QuantizationPlan } from '../../graph/quantization-plan.ts';
import { type AccumulatorProof, proveAccumulators } from '../../lower/accumulator-proof.ts';
import { cutEpilogue } from '../../lower/epilogue.ts';
import { lower, refusedNodes } from '../../lower/lower.ts';
import { weightBytesOf } from '../../package/manifest.ts';
import { pack } from '../../package/pack.ts';
import { chooseMethod } from '../../quantize/choose-method.ts';
import type { InspectedMemory } from '../../report/inspection.ts';
import { storageLifetimes } from '../../report/storage-lifetimes.ts';
import { plainPlan } from '../../search/plain-plan.ts';
import { defaultOptions } from '../../search/quantize-model.ts';
import { prepareSetup } from '../../search/setup.ts';
import { stepsOfMethod } from '../../search/start-steps.ts';
import { targetProfile } from './target-profile.ts';

export interface TargetInspection {
  /** By node name: why the target cannot run it. */
  readonly rejected: ReadonlyMap<string, readonly Issue[]>;
  /** Nodes at the end that the host computes, because the target has no exact integer form of them. */
  readonly onHost: ReadonlySet<string>;
  /** One per weight width of the target; empty where nodes are rejected. */
  readonly memory: readonly InspectedMemory[];
  /** By node name: the reach of its accumulator with the widest weights, whatever the input; exact ones are in a package's tables.json. */
  readonly accumulators: ReadonlyMap<string, AccumulatorProof>;
}

export const nothingInspected: TargetInspection = {
  rejected: new Map(),
  onHost: new Set(),
  memory: [],
  accumulators: new Map(),
};

export function inspectTarget(model: Graph, target: Target): TargetInspection {
  const profile = targetProfile(target);
  const { graph } = cutEpilogue(model, profile);
  const kept = new Set(graph.nodes.map(({ name }) => name));
  const onHost = new Set(model.nodes.map(({ name }) => name).filter((name) => !kept.has(name)));
  const widest = Math.max(...target.weights.bits);
  const rejected = refusedNodes(graph, planWithoutData(graph, profile, widest), profile);
  if (rejected.size > 0) return { ...nothingInspected, rejected, onHost };
  const programs = target.weights.bits.map(
    (bits) => [bits, lower(graph, planWithoutData(graph, profile, bits), profile)] as const,
  );
  const proofs = proveAccumulators(programs.find(([bits]) => bits === widest)![1], profile);
  return {
    rejected,
    onHost,
    memory: programs.map(([bits, program]) => memoryOf(bits, program, target)),
    accumulators: new Map(proofs.map((proof) => [proof.name, proof])),
  };
}

function memoryOf(weightBits: number, program: IntegerProgram, { memory }: Target): InspectedMemory {
  const programBytes = pack(program).length;
  const { arenaBytes } = program;
  const blocks = storageLifetimes(program);
  const live = program.operations.map((_, step) =>
    blocks.reduce((sum, { first, last, sizeBytes }) => (first <= step && step <= last ? sum + sizeBytes : sum), 0),
  );
  const liveBytes = live.reduce((most, bytes) => Math.max(most, bytes), 0);
  return {
    weightBits,
    programBytes,
    weightBytes: weightBytesOf(program),
    arenaBytes,
    peak: { operation: program.operations[live.indexOf(liveBytes)]?.name ?? '', liveBytes },
    flashHolds: programBytes <= (memory.flashBytes ?? programBytes),
    ramHolds: arenaBytes <= (memory.ramBytes ?? arenaBytes),
  };
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
    const zeros = new Float64Array(shape[1] ?? 1);
    const channels = { channelMean: zeros, channelMeanSquare: zeros, channelMax: zeros };
    return [name, { min: -1, max: 1, histogram, ...channels }];
  });
  return { samples: 2, values: new Map(values), outputs: new Map() };
}
