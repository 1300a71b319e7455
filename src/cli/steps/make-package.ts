/**
 * The main job up to OUT/: calibrate, search, lower, prove the accumulators, run golden samples, and gather every file of the package.
 * Nothing is written here.
 */
import { readFileSync } from 'node:fs';
import { pairSumMax } from '../../arithmetic/pair-saturation.ts';
import type { Target } from '../../arithmetic/target.ts';
import { BitwrightError } from '../../base/errors.ts';
import type { Tensor } from '../../base/tensor.ts';
import { calibrate } from '../../calibrate/calibrate.ts';
import type { Statistics } from '../../calibrate/statistics.ts';
import type { Dataset } from '../../data/dataset.ts';
import { matchDataset } from '../../data/match-dataset.ts';
import type { FinetuneHistory } from '../../finetune/history.ts';
import type { Graph } from '../../graph/graph.ts';
import type { IntegerProgram } from '../../graph/integer-program.ts';
import type { QuantizationPlan } from '../../graph/quantization-plan.ts';
import { proveAccumulators, requireProofs } from '../../lower/accumulator-proof.ts';
import { logitsOf } from '../../lower/epilogue.ts';
import { lower } from '../../lower/lower.ts';
import { findPairHazards } from '../../ops/common/pair-hazards.ts';
import { buildPackage, type Golden, type PackageFiles, type PackageSource } from '../../package/build-package.ts';
import type { Manifest } from '../../package/manifest.ts';
import { exportOnnx, isOnnxExact } from '../../package/onnx-export.ts';
import { pack } from '../../package/pack.ts';
import { prepareModel } from '../../quantize/prepare-model.ts';
import { type QuantizationResult, type QuantizeOptions, quantizeModel } from '../../search/quantize-model.ts';
import type { SampleBatch, SimulationPool } from '../../simulate/engine.ts';
import { quantizeSamples } from '../../simulate/quantize-samples.ts';
import { accuracyOf } from '../../validate/metrics.ts';
import { sampleOf } from '../../validate/validate.ts';
import type { CliContext } from '../context.ts';
import type { LoadedModel } from './load-model.ts';
import { quantizationRecord } from './search-trace.ts';
import { requireMemory, targetProfile } from './target-profile.ts';
import { type Tuning, tune } from './tune.ts';

export interface PackageRequest {
  readonly model: LoadedModel;
  readonly target: Target;
  readonly dataset: Dataset;
  /** Calibration samples from the beginning of the set. */
  readonly samples: number;
  readonly quantize: QuantizeOptions;
  /** Training after the search, or null. */
  readonly tuning: Tuning | null;
  /** What the manifest notes beside the quantization options. */
  readonly noted: Manifest['options'];
}

export interface MadePackage {
  readonly files: PackageFiles;
  readonly result: QuantizationResult;
  readonly tuned: FinetuneHistory | null;
  readonly program: IntegerProgram;
  /** Over the calibration samples, 0..1; null where there are no labels. */
  readonly accuracy: { readonly metric: string; readonly float: number | null; readonly quantized: number | null };
}

/** Samples that travel in golden.npz. */
const goldenSamples = 4;

export async function makePackage(
  context: CliContext,
  asked: PackageRequest,
  pool: SimulationPool,
): Promise<MadePackage> {
  const { target } = asked;
  const profile = targetProfile(target);
  const prepared = prepareModel(asked.model.graph, profile, asked.quantize);
  const model = { ...asked.model, graph: prepared.graph };
  const request: PackageRequest = { ...asked, model, quantize: prepared.options };
  const dataset = matchDataset(request.dataset, model.graph);
  const statistics = await calibrated(context, request, dataset);
  const inputs = await dataset.read(0, statistics.samples);
  const result = await searched(context, request, statistics, inputs, dataset, pool);
  const { graph, plan, history } = await tunedOrNot(context, request, result, dataset, pool);
  const program = lower(graph, plan, profile);
  requireProofs(proveAccumulators(program, profile), profile);
  warnOfPairHazards(context, program);
  const bytes = pack(program);
  requireMemory(target, program, bytes.length);
  const batch = quantizeSamples(
    program.inputs.map((index, port) => ({ tensor: program.tensors[index]!, samples: inputs[port]! })),
    profile.quantizeInput,
  );
  await pool.setInputs(batch);
  const outputs = await pool.run(bytes);
  const files = await buildPackage({
    version: packageVersion(),
    graph,
    plan,
    program,
    profile,
    target: target.id,
    model: { name: model.name, sha256: model.sha256 },
    options: optionsOf(asked, statistics.samples),
    quantization: { ...quantizationRecord(result), finetune: history },
    environment: { node: process.version },
    golden: await goldenOf(program, bytes, batch, outputs, pool),
    onnx: onnxOf(context, graph, plan, program),
  });
  const { metric } = dataset;
  const logits = statistics.outputs.get(logitsOf(model.graph, model.graph.outputs[0]!));
  const scored = (scores: ArrayLike<number> | undefined): number | null =>
    scores === undefined ? null : accuracyOf(scores, dataset, statistics.samples);
  return {
    files,
    result,
    tuned: history,
    program,
    accuracy: { metric, float: scored(logits?.data), quantized: scored(outputs[0]) },
  };
}

/** The exported model feeds int8, which is exact everywhere; a conversion of it to uint8 would not be on every x86. */
function warnOfPairHazards(context: CliContext, program: IntegerProgram): void {
  const hazards = findPairHazards(program);
  if (hazards.length === 0) return;
  const worst = hazards.reduce((most, hazard) => (hazard.pairSum > most.pairSum ? hazard : most));
  context.warn(
    `note: with uint8 activations, ${hazards.length} layers could saturate on x86 with AVX2 and no VNNI (worst: ${worst.name}, channel ${worst.channel}, ` +
      `weight pair ${worst.pairSum}, allowed ${pairSumMax}). model.onnx feeds int8, which is exact; --target onnxruntime-u8 bounds the weights.`,
  );
}

async function calibrated(
  context: CliContext,
  { model, samples }: PackageRequest,
  dataset: Dataset,
): Promise<Statistics> {
  const progress = context.progress('calibrate', 'samples');
  const statistics = await calibrate(model.graph, dataset, {
    samples,
    onProgress: progress.update,
    signal: context.signal,
  });
  progress.finish();
  return statistics;
}

async function searched(
  context: CliContext,
  { model, target, quantize }: PackageRequest,
  statistics: Statistics,
  inputs: readonly Tensor[],
  dataset: Dataset,
  pool: SimulationPool,
): Promise<QuantizationResult> {
  const { metric } = dataset;
  const labels = dataset.labels?.slice(0, statistics.samples) ?? null;
  let phase = '';
  let progress = context.progress('', '');
  const profile = targetProfile(target);
  const result = await quantizeModel(model.graph, statistics, { inputs, labels, metric }, profile, quantize, pool, {
    onProgress: (step) => {
      if (step.phase !== phase) {
        if (phase !== '') progress.finish();
        phase = step.phase;
        progress = context.progress(`search: ${phase}`, 'steps');
      }
      const loss = Number.isFinite(step.loss) ? `loss ${step.loss.toPrecision(4)}` : '';
      progress.update(step.done, step.total, loss);
    },
    signal: context.signal,
  });
  if (phase !== '') progress.finish(`loss ${result.loss.final.toPrecision(4)}`);
  for (const warning of result.warnings) context.warn(`warning: ${warning}`);
  return result;
}

/** With the losses of the training steps left out: they are many, and the judgements say what they came to. */
async function tunedOrNot(
  context: CliContext,
  { model, tuning, target }: PackageRequest,
  { plan }: QuantizationResult,
  dataset: Dataset,
  pool: SimulationPool,
): Promise<{ graph: Graph; plan: QuantizationPlan; history: FinetuneHistory | null }> {
  if (tuning === null) return { graph: model.graph, plan, history: null };
  const tuned = await tune(context, tuning, model.graph, plan, dataset, targetProfile(target), pool);
  return { ...tuned, history: { ...tuned.history, losses: [] } };
}

function optionsOf({ noted, quantize, tuning }: PackageRequest, samples: number): Manifest['options'] {
  return { ...noted, ...quantize, samples, finetune: tuning?.options ?? null };
}

async function goldenOf(
  program: IntegerProgram,
  bytes: Uint8Array,
  batch: SampleBatch,
  outputs: readonly SampleBatch['inputs'][number][],
  pool: SimulationPool,
): Promise<Golden> {
  const samples = Math.min(goldenSamples, batch.samples);
  const head = (codes: SampleBatch['inputs'][number]): SampleBatch['inputs'][number] =>
    codes.slice(0, (codes.length / batch.samples) * samples);
  const tensors = program.operations.map(({ output }) => output);
  await pool.setInputs({ samples: 1, inputs: batch.inputs.map((codes) => sampleOf(codes, 0, batch.samples)) });
  const operations = await pool.run(bytes, { tensors });
  return { samples, inputs: batch.inputs.map(head), outputs: outputs.map(head), operations };
}

/** Null, with the reason as a line, where ONNX Runtime has no integer form of an operation. */
function onnxOf(
  context: CliContext,
  graph: Graph,
  plan: QuantizationPlan,
  program: IntegerProgram,
): PackageSource['onnx'] {
  try {
    return { bytes: exportOnnx(graph, plan, program), bitExact: isOnnxExact(program.profile) };
  } catch (error) {
    if (!(error instanceof BitwrightError) || error.code !== 'PROFILE_UNSUPPORTED') throw error;
    context.log(`No model.onnx: ${error.message}`);
    return null;
  }
}

export function packageVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
