/** Everything that training changes: master weights, biases, their velocities, and steps. Plans and graphs are made out of it. */
import { assert } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Graph, Node } from '../graph/graph.ts';
import {
  codeRange,
  type QuantizationPlan,
  type WeightQuantization,
  type WeightRange,
} from '../graph/quantization-plan.ts';
import { weightedOps } from '../quantize/weighted-nodes.ts';
import { type AdamState, createAdamState } from './optimizer.ts';
import { quantizeWeights, type WeightGrid, weightsOfCodes } from './weight-grid.ts';

/** One trained constant. `forward` is what the training graph is fed: the blend for weights, the master itself for the rest. */
export interface TrainedTensor {
  readonly name: string;
  readonly node: string;
  readonly grid: WeightGrid | null;
  readonly master: Float32Array<ArrayBuffer>;
  readonly velocity: Float32Array<ArrayBuffer>;
  readonly forward: Float32Array<ArrayBuffer>;
  readonly codes: Int8Array<ArrayBuffer>;
  /** Natural size of the values, one for each output channel or one for all: updates are in these units (see `sgdStep`). */
  readonly units: Float32Array<ArrayBuffer>;
  /** Moments of the learned scales; empty where they are fixed. */
  readonly scaleMoments: AdamState;
}

/** A learned step of activations: one for all values that share a scale. */
export interface LearnedStep {
  readonly name: string;
  readonly values: readonly string[];
  /** The step as a one-element array, changed in place. */
  readonly step: Float32Array<ArrayBuffer>;
  readonly moments: AdamState;
}

export interface TrainedState {
  readonly tensors: readonly TrainedTensor[];
  readonly steps: readonly LearnedStep[];
}

/** Weight and bias constants by node get names of their own, so that two nodes never train one constant. */
export function ownParameters(graph: Graph): Graph {
  const constants = new Map(graph.constants);
  const taken = new Set<string>();
  const nodes = graph.nodes.map((node) => {
    if (!weightedOps.has(node.op)) return node;
    const inputs = node.inputs.map((name) => {
      const tensor = constants.get(name);
      if (tensor === undefined) return name;
      if (!taken.has(name)) {
        taken.add(name);
        return name;
      }
      const own = `${name}@${node.name}`;
      constants.set(own, tensor);
      taken.add(own);
      return own;
    });
    return { ...node, inputs };
  });
  return { ...graph, nodes, constants };
}

export interface StateOptions {
  readonly range: WeightRange;
  readonly binaryNodes: readonly string[];
  readonly startFromCodes: boolean;
  readonly learnSteps: boolean;
}

export function createTrainedState(graph: Graph, plan: QuantizationPlan, options: StateOptions): TrainedState {
  const tensors: TrainedTensor[] = [];
  for (const node of graph.nodes) {
    if (!weightedOps.has(node.op)) continue;
    const entry = plan.weights.get(node.name);
    assert(entry !== undefined, `The quantization plan has no weights for the node ${node.name}.`);
    const isTable = node.op === 'gather';
    tensors.push(weightTensor(graph, node, node.inputs[isTable ? 0 : 1]!, entry, options));
    const bias = isTable ? '' : (node.inputs[2] ?? '');
    if (bias !== '') {
      const start = entry.bias ?? (graph.constants.get(bias)!.data as Float32Array<ArrayBuffer>);
      const output = plan.activations.get(node.outputs[0]!);
      const range = output === undefined ? 4 : output.scale * (output.qMax - output.qMin);
      tensors.push(plainTensor(bias, node.name, start, range / 4));
    }
  }
  return { tensors, steps: [] };
}

/** A trained constant that is not quantized; `unit` is the natural size of its values. */
export function plainTensor(name: string, node: string, start: Float32Array, unit: number): TrainedTensor {
  const master = new Float32Array(start);
  return {
    name,
    node,
    grid: null,
    master,
    velocity: new Float32Array(master.length),
    forward: master,
    codes: new Int8Array(0),
    units: Float32Array.of(unit),
    scaleMoments: createAdamState(0),
  };
}

function weightTensor(
  graph: Graph,
  node: Node,
  name: string,
  entry: WeightQuantization,
  options: StateOptions,
): TrainedTensor {
  const weights = graph.constants.get(name)!.data as Float32Array<ArrayBuffer>;
  const binary = options.binaryNodes.includes(node.name);
  const range = codeRange(entry.bits, options.range);
  const grid: WeightGrid = {
    node: node.name,
    bits: binary ? 2 : entry.bits,
    ...(binary ? { qMin: -1, qMax: 1 } : range),
    binary,
    perChannel: entry.perChannel,
    scales: new Float32Array(entry.scales),
  };
  const fromCodes = options.startFromCodes && !binary;
  // A gather's scale is that of its output, so it stays.
  const learned = options.learnSteps && !binary && node.op !== 'gather';
  const master = fromCodes ? weightsOfCodes(grid, weights, entry.codes) : new Float32Array(weights);
  const codes = new Int8Array(weights.length);
  quantizeWeights(grid, master, codes);
  return {
    name,
    node: node.name,
    grid,
    master,
    velocity: new Float32Array(weights.length),
    forward: new Float32Array(weights.length),
    codes,
    units: channelNorms(weights, graph.constants.get(name)!.shape[0]!),
    scaleMoments: createAdamState(learned ? grid.scales.length : 0),
  };
}

/** Smallest channel norm relative to the tensor's mean norm: nearly dead channels would else never move. */
const normMin = 0.01;

/** Euclidean norm of each output channel's weights. */
export function channelNorms(weights: Float32Array, outputs: number): Float32Array<ArrayBuffer> {
  const size = weights.length / outputs;
  const norms = Float32Array.from({ length: outputs }, (_, output) => {
    let sum = 0;
    for (let index = output * size; index < (output + 1) * size; index++) sum += weights[index]! ** 2;
    return Math.sqrt(sum);
  });
  const mean = norms.reduce((sum, norm) => sum + norm, 0) / outputs;
  return norms.map((norm) => Math.max(norm, normMin * mean, 1e-8));
}

/** The hard plan: codes of the master weights, trained biases and steps. Entries are new objects; nothing is shared with the state. */
export function planOfState(state: TrainedState, plan: QuantizationPlan): QuantizationPlan {
  const weights = new Map(plan.weights);
  const activations = new Map(plan.activations);
  for (const tensor of state.tensors) {
    if (tensor.grid === null) continue;
    const codes = new Int8Array(tensor.codes.length);
    quantizeWeights(tensor.grid, tensor.master, codes);
    const bias = state.tensors.find((other) => other.grid === null && other.node === tensor.node);
    weights.set(tensor.node, {
      bits: tensor.grid.bits,
      perChannel: tensor.grid.perChannel,
      scales: new Float32Array(tensor.grid.scales),
      codes,
      bias: bias === undefined ? (plan.weights.get(tensor.node)?.bias ?? null) : new Float32Array(bias.master),
    });
  }
  for (const { values, step } of state.steps) {
    for (const value of values) activations.set(value, { ...activations.get(value)!, scale: step[0]! });
  }
  return { activations, weights };
}

/** The graph with the master weights and biases as its constants. */
export function graphOfState(state: TrainedState, graph: Graph): Graph {
  const constants = new Map<string, Tensor>(graph.constants);
  for (const { name, master } of state.tensors) {
    constants.set(name, { dtype: 'float32', shape: graph.constants.get(name)!.shape, data: new Float32Array(master) });
  }
  return { ...graph, constants };
}

/** Every array of the state by a name that does not change: what snapshots and checkpoints hold. */
export function stateArrays(state: TrainedState): Map<string, Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>> {
  const arrays = new Map<string, Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>();
  state.tensors.forEach((tensor, index) => {
    arrays.set(`tensor-${index}-master`, tensor.master);
    arrays.set(`tensor-${index}-velocity`, tensor.velocity);
    if (tensor.grid !== null) arrays.set(`tensor-${index}-scales`, tensor.grid.scales);
    arrays.set(`tensor-${index}-moment-1`, tensor.scaleMoments.first);
    arrays.set(`tensor-${index}-moment-2`, tensor.scaleMoments.second);
  });
  state.steps.forEach((step, index) => {
    arrays.set(`step-${index}`, step.step);
    arrays.set(`step-${index}-moment-1`, step.moments.first);
    arrays.set(`step-${index}-moment-2`, step.moments.second);
  });
  return arrays;
}

export type Snapshot = ReadonlyMap<string, Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>;

export function takeSnapshot(state: TrainedState): Snapshot {
  return new Map([...stateArrays(state)].map(([name, data]) => [name, data.slice()]));
}

export function restoreSnapshot(state: TrainedState, snapshot: Snapshot): void {
  for (const [name, data] of stateArrays(state)) data.set(snapshot.get(name)!);
}
