/** Builds tiny graphs from a short description and runs their training model in onnxruntime. */
import * as ort from 'onnxruntime-node';
import { seededRandom } from '../../../src/base/random.ts';
import { elementCount, floatTensor, type Shape, type Tensor } from '../../../src/base/tensor.ts';
import { buildTrainingGraph } from '../../../src/finetune/training-graph.ts';
import { type TrainingGraphOptions, trainingNames } from '../../../src/finetune/training-options.ts';
import type { Attributes, Graph, Node, Value } from '../../../src/graph/graph.ts';

export interface NodeSketch {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: Readonly<Record<string, Shape>>;
  readonly attributes?: Attributes;
}

export function sketchGraph(
  inputs: Readonly<Record<string, Shape>>,
  constants: Readonly<Record<string, Tensor>>,
  sketches: readonly NodeSketch[],
  dtypes: Readonly<Record<string, 'float32' | 'int64'>> = {},
): Graph {
  const values = new Map<string, Value>();
  for (const [name, shape] of Object.entries(inputs))
    values.set(name, { name, dtype: dtypes[name] ?? 'float32', shape });
  const nodes: Node[] = sketches.map((sketch, index) => {
    for (const [name, shape] of Object.entries(sketch.outputs)) values.set(name, { name, dtype: 'float32', shape });
    return {
      name: `${sketch.op}-${index}`,
      op: sketch.op,
      inputs: sketch.inputs,
      outputs: Object.keys(sketch.outputs),
      attributes: sketch.attributes ?? {},
    };
  });
  const last = Object.keys(sketches[sketches.length - 1]!.outputs);
  return {
    name: 'sketch',
    nodes,
    values,
    constants: new Map(Object.entries(constants)),
    inputs: Object.keys(inputs),
    outputs: last,
  };
}

/** Normal values, moved `gap` away from zero so that kinks there are not met. */
export function randomTensor(shape: Shape, seed: number, gap = 0): Tensor<Float32Array<ArrayBuffer>> {
  const random = seededRandom(seed);
  const data = Float32Array.from({ length: elementCount(shape) }, () => {
    const value = random.normal();
    return value + Math.sign(value) * gap;
  });
  return floatTensor(shape, data);
}

export interface TrainingRun {
  readonly loss: number;
  readonly logits: Float32Array;
  readonly gradients: ReadonlyMap<string, Float32Array>;
  readonly outputs: Readonly<Record<string, ort.Tensor>>;
}

/** Runs one training step's computation. `feeds` by graph input; `targets` by loss name; `steps` by learned step. */
export async function runTraining(
  graph: Graph,
  options: TrainingGraphOptions,
  feeds: Readonly<Record<string, Tensor>>,
  targets: Readonly<Record<string, Float32Array>>,
  steps: Readonly<Record<string, number>> = {},
): Promise<TrainingRun> {
  const training = buildTrainingGraph(graph, options);
  const session = await ort.InferenceSession.create(training.model, { logSeverityLevel: 3 });
  const logitsElements = elementCount(training.logitsShape);
  const classes = training.logitsShape.at(-1)!;
  const entries: Record<string, ort.Tensor> = {};
  for (const [name, tensor] of Object.entries(feeds)) {
    entries[trainingNames.input(name)] = new ort.Tensor(
      tensor.dtype as 'float32',
      tensor.data as Float32Array,
      tensor.shape,
    );
  }
  for (const name of options.parameters) {
    const tensor = graph.constants.get(name)!;
    if (session.inputNames.includes(trainingNames.parameter(name))) {
      entries[trainingNames.parameter(name)] = new ort.Tensor('float32', tensor.data as Float32Array, tensor.shape);
    }
  }
  for (const [name, data] of Object.entries(targets)) {
    entries[`target/${name}`] = new ort.Tensor('float32', data, [logitsElements / classes, classes]);
  }
  for (const [name, value] of Object.entries(steps)) {
    entries[trainingNames.step(name)] = new ort.Tensor('float32', Float32Array.of(value), []);
  }
  const outputs = await session.run(entries);
  const gradients = new Map(
    training.parameters.map((name) => [name, outputs[trainingNames.gradient(name)]!.data as Float32Array]),
  );
  await session.release();
  return {
    loss: (outputs.loss!.data as Float32Array)[0]!,
    logits: outputs.logits!.data as Float32Array,
    gradients,
    outputs,
  };
}

export const meanSquared = [{ loss: 'mean-squared-error', weight: 1, temperature: 1 }] as const;

export function floatOptions(graph: Graph, batch: number, parameters: readonly string[]): TrainingGraphOptions {
  return {
    batch,
    logits: graph.outputs[0]!,
    parameters: new Set(parameters),
    losses: meanSquared,
    activations: new Map(),
    learnedSteps: new Map(),
  };
}
