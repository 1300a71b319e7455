/** From a quantized model to the files of a package: its own scales, zero points and codes are the plan. Nothing is written here. */
import type { Target } from '../../arithmetic/target.ts';
import type { Dataset } from '../../data/dataset.ts';
import { matchDataset } from '../../data/match-dataset.ts';
import type { Graph } from '../../graph/graph.ts';
import type { IntegerProgram } from '../../graph/integer-program.ts';
import type { QuantizationPlan } from '../../graph/quantization-plan.ts';
import { givenPlan } from '../../lower/given-plan.ts';
import type { Manifest } from '../../package/manifest.ts';
import type { SampleBatch, SimulationPool } from '../../simulate/engine.ts';
import { randomSamples } from '../../simulate/random-samples.ts';
import { accuracyOf } from '../../validate/metrics.ts';
import type { CliContext } from '../context.ts';
import { type AssembledPackage, assemblePackage, goldenSamples } from './assemble-package.ts';
import { modelAccuracy } from './float-accuracy.ts';
import type { QuantizedModel } from './load-model.ts';
import type { MadePackage } from './make-package.ts';
import { readProgramSamples } from './read-samples.ts';
import { targetProfile } from './target-profile.ts';

export interface CompileRequest {
  readonly model: QuantizedModel;
  readonly target: Target;
  /** Null: the golden samples are random codes. */
  readonly dataset: Dataset | null;
  /** Samples of the data set that are run, from its beginning. */
  readonly samples: number;
  readonly seed: number;
  /** What the manifest notes beside the options of the verb. */
  readonly noted: Manifest['options'];
}

export interface CompiledPackage extends Pick<AssembledPackage, 'files' | 'program'> {
  readonly plan: QuantizationPlan;
  readonly golden: GoldenSource;
  /** Nodes of bitwright's own: where the target wants one scale and the model has several, values are moved. */
  readonly requantized: readonly string[];
  /** `float` is the model's accuracy in ONNX Runtime. */
  readonly accuracy: MadePackage['accuracy'];
}

export interface GoldenSource {
  readonly source: 'data' | 'random codes';
  readonly samples: number;
  readonly seed: number | null;
}

/** Throws MODEL_UNSUPPORTED where the model is not whole, PROFILE_UNSUPPORTED where the target has no form of what it asks. */
export async function compilePackage(
  context: CliContext,
  request: CompileRequest,
  pool: SimulationPool,
): Promise<CompiledPackage> {
  const { model, target, noted } = request;
  const { graph, plan } = givenPlan(model.graph, model.notes, targetProfile(target));
  const dataset = request.dataset && matchDataset(request.dataset, graph);
  const golden = goldenOf(request);
  const requantized = addedNodes(model.graph, graph);
  for (const name of requantized)
    context.warn(
      `note: ${name} moves values to another scale, which the model does not ask for but ${target.id} does.`,
    );
  const parts = {
    model: { name: model.name, sha256: model.sha256, quantized: true as const },
    target,
    graph,
    plan,
    samplesOf: (program: IntegerProgram) => samplesOf(program, request.seed, golden, dataset),
    options: { ...noted, golden },
    quantization: { source: 'model', requantized },
  };
  const { files, program, outputs } = await assemblePackage(context, parts, pool);
  const accuracy = await accuracyOn(context, model, dataset, golden.samples, outputs[0]!);
  return { files, program, plan, golden, requantized, accuracy };
}

function goldenOf({ dataset, samples, seed }: CompileRequest): GoldenSource {
  if (dataset === null) return { source: 'random codes', samples: goldenSamples, seed };
  return { source: 'data', samples: Math.min(samples, dataset.samples), seed: null };
}

async function samplesOf(
  program: IntegerProgram,
  seed: number,
  { samples }: GoldenSource,
  dataset: Dataset | null,
): Promise<SampleBatch> {
  if (dataset === null) return randomSamples(program, samples, seed);
  return readProgramSamples(program, { ...dataset, samples });
}

function addedNodes(before: Graph, after: Graph): string[] {
  const known = new Set(before.nodes.map(({ name }) => name));
  return after.nodes.map(({ name }) => name).filter((name) => !known.has(name));
}

async function accuracyOn(
  context: CliContext,
  model: QuantizedModel,
  dataset: Dataset | null,
  samples: number,
  scores: ArrayLike<number>,
): Promise<MadePackage['accuracy']> {
  if (dataset === null) return { metric: 'none', float: null, quantized: null };
  return {
    metric: dataset.metric,
    float: await modelAccuracy(context, model.bytes, dataset, samples),
    quantized: accuracyOf(scores, dataset, samples),
  };
}
