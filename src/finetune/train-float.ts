/**
 * Training a float graph from scratch, the case alpha = 0: batch norm in training form, labels, the same gradient graphs and
 * optimizer as fine-tuning. The result is an ordinary float graph whose batch norms hold running statistics.
 */
import { BitwrightError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { logitsOf } from '../lower/epilogue.ts';
import { weightedOps } from '../quantize/weighted-nodes.ts';
import type { Augmentation } from './augment.ts';
import { clipFactor, sgdStep } from './optimizer.ts';
import { batchOrder, derivedSeed, gatherBatch, loadSamples } from './samples.ts';
import { learningRateAt } from './schedules.ts';
import { checkLabels, labelTargets } from './targets.ts';
import { channelNorms, plainTensor, type TrainedTensor } from './trained-state.ts';
import { type BatchResult, createTrainer } from './trainer.ts';
import { trainingNames } from './training-options.ts';

export interface TrainFloatOptions {
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly labelSmoothing: number;
  readonly augmentation: Augmentation | null;
  readonly seed: number;
  readonly threads?: number;
}

export const trainFloatDefaults: TrainFloatOptions = {
  steps: 2000,
  batch: 64,
  learningRate: 0.1,
  warmup: 0.05,
  momentum: 0.9,
  nesterov: true,
  weightDecay: 1e-4,
  clipNorm: 5,
  labelSmoothing: 0.05,
  augmentation: null,
  seed: 1,
};

export interface TrainFloatResult {
  readonly graph: Graph;
  /** Training loss by step. */
  readonly losses: readonly number[];
}

/** Share of a new batch in the running statistics of batch norm. */
const statisticsShare = 0.05;

/**
 * Trains every weight, bias and batch norm of `graph` (as imported, nothing folded) from the values that its constants have; see
 * `initializeWeights` for random ones. Throws MODEL_UNSUPPORTED, DATASET_INVALID, INTERRUPTED, and SEARCH_FAILED where the loss
 * becomes no number.
 */
export async function trainFloat(
  graph: Graph,
  dataset: Dataset,
  options: TrainFloatOptions,
  hooks: { readonly onStep?: (step: number, loss: number) => void; readonly signal?: AbortSignal } = {},
): Promise<TrainFloatResult> {
  const logits = logitsOf(graph, graph.outputs[0]!);
  const classes = graph.values.get(logits)!.shape.at(-1)!;
  const labels = checkLabels(dataset.labels, classes, dataset.source);
  const samples = await loadSamples(graph, dataset, { ...options, heldOutShare: 0 });
  const tensors = trainedConstants(graph);
  const statistics = new Map<string, Float32Array<ArrayBuffer>>();
  const trainer = await createTrainer(
    graph,
    {
      batch: options.batch,
      logits,
      parameters: new Set(tensors.map((tensor) => tensor.name)),
      losses: [{ loss: 'cross-entropy', weight: 1, temperature: 1 }],
      activations: new Map(),
      learnedSteps: new Map(),
    },
    options.threads === undefined ? {} : { threads: options.threads },
  );
  const losses: number[] = [];
  const order = batchOrder(samples, options.batch, options.seed);
  try {
    for (let step = 0; step < options.steps; step++) {
      if (hooks.signal?.aborted === true) throw stopped('INTERRUPTED', 'training was interrupted', step);
      const chosen = order(step);
      const random = seededRandom(derivedSeed(options.seed, 2, step));
      const inputs = gatherBatch(samples, chosen, options.augmentation, random);
      const result = await trainer.run({
        inputs: new Map(graph.inputs.map((name, index) => [name, inputs[index]!])),
        parameters: new Map(tensors.map((tensor) => [tensor.name, tensor.master])),
        steps: new Map(),
        targets: new Map([['cross-entropy', labelTargets(labels, chosen, classes, options.labelSmoothing)]]),
      });
      if (!Number.isFinite(result.loss)) throw stopped('SEARCH_FAILED', 'the training loss is no number', step);
      const { learningRate: peak, warmup } = options;
      const rate = learningRateAt(step, options.steps, { schedule: 'cosine', peak, warmup });
      update(tensors, result, rate, options);
      track(statistics, result);
      losses.push(result.loss);
      hooks.onStep?.(step + 1, result.loss);
    }
  } finally {
    await trainer.close();
  }
  return { graph: finished(graph, tensors, statistics), losses };
}

function stopped(code: 'INTERRUPTED' | 'SEARCH_FAILED', message: string, step: number): BitwrightError {
  return new BitwrightError(code, {
    message,
    seen: `step ${step}`,
    next: 'Start again, perhaps with a lower learning rate.',
  });
}

function trainedConstants(graph: Graph): TrainedTensor[] {
  const tensors = new Map<string, TrainedTensor>();
  for (const node of graph.nodes) {
    const isNorm = node.op === 'batch-normalization';
    if (!isNorm && !weightedOps.has(node.op)) continue;
    const names = isNorm ? node.inputs.slice(1, 3) : node.inputs.slice(node.op === 'gather' ? 0 : 1);
    names.forEach((name, index) => {
      const constant = graph.constants.get(name);
      if (constant === undefined || tensors.has(name)) return;
      const start = constant.data as Float32Array;
      const plain = plainTensor(name, node.name, start, 1);
      const weights = !isNorm && index === 0;
      tensors.set(name, weights ? { ...plain, units: channelNorms(start, constant.shape[0]!) } : plain);
    });
  }
  return [...tensors.values()];
}

function update(
  tensors: readonly TrainedTensor[],
  result: BatchResult,
  rate: number,
  options: TrainFloatOptions,
): void {
  const moving = tensors.flatMap((tensor) => {
    const gradient = result.gradients.get(tensor.name);
    return gradient === undefined ? [] : [{ tensor, gradient, units: tensor.units }];
  });
  const clip = clipFactor(moving, options.clipNorm);
  for (const { tensor, gradient, units } of moving) {
    // Decay is for weights; biases and batch norms keep their place.
    const decay = units.length > 1 ? options.weightDecay : 0;
    sgdStep(tensor.master, tensor.velocity, gradient, units, rate, clip, { ...options, weightDecay: decay });
  }
}

/** Exponential averages of what the batch norms reported. */
function track(statistics: Map<string, Float32Array<ArrayBuffer>>, result: BatchResult): void {
  for (const [name, values] of result.reports) {
    const average = statistics.get(name) ?? values.slice();
    for (let channel = 0; channel < values.length; channel++) {
      average[channel] = (1 - statisticsShare) * average[channel]! + statisticsShare * values[channel]!;
    }
    statistics.set(name, average);
  }
}

function finished(
  graph: Graph,
  tensors: readonly TrainedTensor[],
  statistics: ReadonlyMap<string, Float32Array<ArrayBuffer>>,
): Graph {
  const constants = new Map<string, Tensor>(graph.constants);
  const set = (name: string, data: Float32Array<ArrayBuffer>): void => {
    constants.set(name, { dtype: 'float32', shape: graph.constants.get(name)!.shape, data });
  };
  for (const { name, master } of tensors) set(name, master);
  const norms = graph.nodes.filter((node: Node) => node.op === 'batch-normalization');
  for (const node of norms) {
    const mean = statistics.get(trainingNames.report(node.name, 'mean'));
    const variance = statistics.get(trainingNames.report(node.name, 'variance'));
    if (mean !== undefined) set(node.inputs[3]!, mean);
    if (variance !== undefined) set(node.inputs[4]!, variance);
  }
  return { ...graph, constants };
}
