/** Everything that a fine-tuning run needs before its first step: samples, teacher, training graph, state and judge. */

import { BitwrightError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { sha256Hex } from '../base/sha256.ts';
import { elementCount, type Shape, type Tensor } from '../base/tensor.ts';
import { createFloatEngine, type FloatEngine } from '../calibrate/float-engine.ts';
import type { Dataset } from '../data/dataset.ts';
import { type Graph, producerOf } from '../graph/graph.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import { logitsOf } from '../lower/epilogue.ts';
import { scaleGroups } from '../quantize/scale-groups.ts';
import type { SimulationPool } from '../simulate/engine.ts';
import type { FinetuneOptions } from './finetune-options.ts';
import { createJudge, type Judge } from './judge.ts';
import { createAdamState } from './optimizer.ts';
import { batchOrder, gatherBatch, loadSamples, type TrainingSamples } from './samples.ts';
import { checkLabels } from './targets.ts';
import { createTrainedState, type LearnedStep, ownParameters, type TrainedState } from './trained-state.ts';
import { createTrainer, type Trainer } from './trainer.ts';
import { checkGradients } from './training-graph.ts';
import type { LossTerm } from './training-options.ts';

export interface Run {
  readonly graph: Graph;
  readonly samples: TrainingSamples;
  readonly labels: Int32Array | null;
  /** Whether outputs are compared as class probabilities; else by squared error. */
  readonly classifier: boolean;
  readonly classes: number;
  readonly state: TrainedState;
  readonly trainer: Trainer;
  readonly judge: Judge;
  /** Identifies the data for checkpoints. */
  readonly dataDigest: string;
  /** A smoothed loss above it has diverged. */
  readonly lossLimit: number;
  /** Sample numbers of a step's batch. */
  batchOf(step: number): Int32Array;
  /** Float logits of a batch, one tensor for each graph input. */
  teach(inputs: readonly Tensor[]): Promise<Float32Array<ArrayBuffer>>;
  close(): Promise<void>;
}

export async function prepareRun(
  model: Graph,
  plan: QuantizationPlan,
  dataset: Dataset,
  options: FinetuneOptions,
  pool: SimulationPool,
): Promise<Run> {
  const graph = ownParameters(model);
  const logits = logitsOf(graph, graph.outputs[0]!);
  checkGradients(graph, logits);
  const samples = await loadSamples(graph, dataset, options);
  const shape = graph.values.get(logits)!.shape;
  const classes = shape[shape.length - 1]!;
  const classifier = isClassifier(graph, dataset, options);
  const labels =
    options.labelWeight > 0 || (classifier && samples.labels !== null && elementCount(shape) === classes)
      ? checkLabels(samples.labels, classes, dataset.source)
      : null;
  if (options.labelWeight > 0 && elementCount(shape) !== classes) throw rowsOfLabels(logits, shape);
  const state = withLearnedSteps(
    createTrainedState(graph, plan, { range: options.profile.weight.range, ...options }),
    graph,
    plan,
    options,
  );
  const engineOptions = options.threads === undefined ? {} : { threads: options.threads };
  const trainer = await trainerOf(graph, plan, state, logits, classifier, options);
  const teacher = await createFloatEngine(graph, { ...engineOptions, outputs: [logits] });
  const heldOut = gatherBatch(samples, samples.heldOut, null, seededRandom(0));
  const reference = await teachInParts(teacher, logits, heldOut, options.batch);
  const judge = createJudge({
    graph,
    profile: options.profile,
    pool,
    inputs: heldOut,
    logits,
    reference,
    classes,
    labels: labels === null ? null : Int32Array.from(samples.heldOut, (sample) => labels[sample]!),
    classifier,
    labelWeight: options.labelWeight,
    distillationWeight: options.distillationWeight,
  });
  return {
    graph,
    samples,
    labels,
    classifier,
    classes,
    state,
    trainer,
    judge,
    dataDigest: await digestOf(samples),
    lossLimit: lossLimit(options, classifier, classes, reference),
    batchOf: batchOrder(samples, options.batch, options.seed),
    teach: async (inputs) => (await teacher.run(inputs)).get(logits)!.data as Float32Array<ArrayBuffer>,
    close: async () => {
      await trainer.close();
      await teacher.close();
    },
  };
}

function trainerOf(
  graph: Graph,
  plan: QuantizationPlan,
  state: TrainedState,
  logits: string,
  classifier: boolean,
  options: FinetuneOptions,
): Promise<Trainer> {
  return createTrainer(
    graph,
    {
      batch: options.batch,
      logits,
      parameters: new Set(state.tensors.map((tensor) => tensor.name)),
      losses: lossTerms(options, classifier),
      activations: plan.activations,
      learnedSteps: new Map(state.steps.flatMap(({ name, values }) => values.map((value) => [value, name] as const))),
    },
    options.threads === undefined ? {} : { threads: options.threads },
  );
}

function rowsOfLabels(logits: string, shape: Shape): BitwrightError {
  return new BitwrightError('USAGE', {
    message: 'labels need one row of class scores for each sample',
    where: `value ${logits}`,
    seen: `[${shape.join(', ')}]`,
    allowed: '[1, classes]',
    next: 'Distil from the float model instead.',
  });
}

function isClassifier(graph: Graph, dataset: Dataset, options: FinetuneOptions): boolean {
  const producer = producerOf(graph, graph.outputs[0]!);
  return options.labelWeight > 0 || producer?.op === 'softmax' || dataset.metric === 'top-1';
}

function lossTerms(options: FinetuneOptions, classifier: boolean): LossTerm[] {
  const terms: LossTerm[] = [];
  if (options.labelWeight > 0) terms.push({ loss: 'cross-entropy', weight: options.labelWeight, temperature: 1 });
  if (options.distillationWeight > 0) {
    const loss = classifier ? 'kl-divergence' : 'mean-squared-error';
    terms.push({ loss, weight: options.distillationWeight, temperature: options.temperature });
  }
  return terms;
}

/** One learned step for each group of values that share a scale; scales that an operator or a table dictates stay. */
function withLearnedSteps(
  state: TrainedState,
  graph: Graph,
  plan: QuantizationPlan,
  options: FinetuneOptions,
): TrainedState {
  if (!options.learnSteps) return state;
  const groups = scaleGroups(graph, options.profile);
  const steps = groups
    .filter(
      ({ fixed, table, values }) =>
        fixed === null && table === null && (plan.activations.get(values[0]!)?.bits ?? 32) <= 8,
    )
    .map(({ values }): LearnedStep => {
      const { scale } = plan.activations.get(values[0]!)!;
      return { name: values[0]!, values, step: Float32Array.of(scale), moments: createAdamState(1) };
    });
  return { ...state, steps };
}

async function teachInParts(
  teacher: FloatEngine,
  logits: string,
  inputs: readonly Tensor[],
  batch: number,
): Promise<Float32Array> {
  const total = inputs[0]!.shape[0]!;
  const parts: Float32Array[] = [];
  for (let start = 0; start < total; start += batch) {
    const count = Math.min(batch, total - start);
    const slices = inputs.map((input) => {
      const size = input.data.length / total;
      const data = input.data.slice(start * size, (start + count) * size) as Tensor['data'];
      return { ...input, shape: [count, ...input.shape.slice(1)], data };
    });
    parts.push((await teacher.run(slices)).get(logits)!.data as Float32Array);
  }
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Far worse than guessing: ten times the loss of even odds, or a hundred times the variance of the float outputs. */
function lossLimit(options: FinetuneOptions, classifier: boolean, classes: number, reference: Float32Array): number {
  if (classifier) {
    const guess = Math.max(1, Math.log(classes));
    return 10 * guess * (options.labelWeight + options.distillationWeight * Math.max(1, options.temperature ** 2));
  }
  const mean = reference.reduce((sum, value) => sum + value, 0) / reference.length;
  const variance = reference.reduce((sum, value) => sum + (value - mean) ** 2, 0) / reference.length;
  return 100 * Math.max(variance, 1e-6) * options.distillationWeight;
}

/** Labels, sizes and the first megabyte of the first input: enough to notice other data. */
async function digestOf({ inputs, labels }: TrainingSamples): Promise<string> {
  const first = inputs[0]!.data;
  const head = new Uint8Array(first.buffer, first.byteOffset, Math.min(first.byteLength, 2 ** 20)).slice();
  const shapes = JSON.stringify(inputs.map((input) => input.shape));
  const labelled =
    labels === null ? '' : await sha256Hex(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength).slice());
  return `${shapes} ${labelled} ${await sha256Hex(head)}`;
}
