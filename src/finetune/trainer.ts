/** Runs a training graph in onnxruntime: one call is one batch's loss and gradients. It holds no weights and updates nothing. */
import { assert } from '../base/errors.ts';
import type { FloatTensor, Tensor } from '../base/tensor.ts';
import { createFloatEngine } from '../calibrate/float-engine.ts';
import type { Graph } from '../graph/graph.ts';
import { buildTrainingGraph, type TrainingGraph } from './training-graph.ts';
import { type LossName, type TrainingGraphOptions, trainingNames } from './training-options.ts';

export interface BatchFeeds {
  /** By graph input. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** By trained constant: the values that the forward pass uses. */
  readonly parameters: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
  readonly steps: ReadonlyMap<string, number>;
  /** [rows, classes] for each loss. */
  readonly targets: ReadonlyMap<LossName, FloatTensor>;
}

export interface BatchResult {
  readonly loss: number;
  readonly logits: Float32Array<ArrayBuffer>;
  readonly gradients: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
  readonly stepGradients: ReadonlyMap<string, number>;
  /** Per-channel values that rules report, by `report/<node>/<key>`. */
  readonly reports: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
}

export interface Trainer {
  readonly training: TrainingGraph;
  run(feeds: BatchFeeds): Promise<BatchResult>;
  close(): Promise<void>;
}

/** Throws MODEL_UNSUPPORTED where an operator has no gradient. */
export async function createTrainer(
  graph: Graph,
  options: TrainingGraphOptions,
  engineOptions: { readonly threads?: number } = {},
): Promise<Trainer> {
  const training = buildTrainingGraph(graph, options);
  const engine = await createFloatEngine(training.model, engineOptions);
  return {
    training,
    run: async (feeds) => {
      const byName = new Map<string, Tensor>();
      for (const [name, tensor] of feeds.inputs) byName.set(trainingNames.input(name), tensor);
      for (const [name, data] of feeds.parameters) {
        byName.set(trainingNames.parameter(name), { dtype: 'float32', shape: graph.constants.get(name)!.shape, data });
      }
      for (const [name, step] of feeds.steps) {
        byName.set(trainingNames.step(name), { dtype: 'float32', shape: [], data: Float32Array.of(step) });
      }
      for (const [name, tensor] of feeds.targets) byName.set(trainingNames.target(name), tensor);
      const tensors = engine.inputs.map(({ name }) => {
        const tensor = byName.get(name);
        assert(tensor !== undefined, `The training graph asks for ${name}, which the trainer does not have.`);
        return tensor;
      });
      return collect(training, await engine.run(tensors));
    },
    close: () => engine.close(),
  };
}

function collect(training: TrainingGraph, results: ReadonlyMap<string, Tensor>): BatchResult {
  const data = (name: string): Float32Array<ArrayBuffer> => results.get(name)!.data as Float32Array<ArrayBuffer>;
  return {
    loss: data(trainingNames.loss)[0]!,
    logits: data(trainingNames.logits),
    gradients: new Map(training.parameters.map((name) => [name, data(trainingNames.gradient(name))])),
    stepGradients: new Map(training.steps.map((name) => [name, data(trainingNames.stepGradient(name))[0]!])),
    reports: new Map(training.reports.map((name) => [name, data(name)])),
  };
}
