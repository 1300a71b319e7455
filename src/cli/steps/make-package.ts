/** The main job up to OUT/: calibrate, search, train where it is asked for, and assemble the package. Nothing is written here. */
import type { Target } from '../../arithmetic/target.ts';
import { timeFloatPass } from '../../calibrate/time-float-pass.ts';
import type { Dataset } from '../../data/dataset.ts';
import { matchDataset } from '../../data/match-dataset.ts';
import type { FinetuneHistory } from '../../finetune/history.ts';
import type { Graph } from '../../graph/graph.ts';
import type { IntegerProgram } from '../../graph/integer-program.ts';
import type { QuantizationPlan } from '../../graph/quantization-plan.ts';
import { scoresOf } from '../../lower/epilogue.ts';
import type { PackageFiles } from '../../package/build-package.ts';
import type { Manifest } from '../../package/manifest.ts';
import { blendedSamples } from '../../search/blended-samples.ts';
import { type CalibratedModel, calibrateModel } from '../../search/calibrate-model.ts';
import { type PreparedModel, prepareModel } from '../../search/prepare-model.ts';
import type { QuantizationResult, QuantizeOptions } from '../../search/quantize-model.ts';
import type { SimulationPool } from '../../simulate/engine.ts';
import { accuracyOf } from '../../validate/metrics.ts';
import type { CliContext } from '../context.ts';
import { assemblePackage } from './assemble-package.ts';
import type { LoadedModel } from './load-model.ts';
import { readProgramSamples } from './read-samples.ts';
import { costOf, createStageClock, type RunCost } from './run-cost.ts';
import { search } from './search.ts';
import type { SearchJournal } from './search-journal.ts';
import { quantizationRecord } from './search-trace.ts';
import { targetProfile } from './target-profile.ts';
import { checkTuning, type Tuning, tune } from './tune.ts';

export interface PackageRequest {
  readonly model: LoadedModel;
  readonly target: Target;
  readonly dataset: Dataset;
  /** Calibration samples from the beginning of the set. */
  readonly samples: number;
  readonly quantize: QuantizeOptions;
  /** Training after the search, or null. */
  readonly tuning: Tuning | null;
  /** Where an interrupted search goes on from and keeps its losses, or null: an interrupt ends the run. */
  readonly journal: SearchJournal | null;
  /** What the manifest notes beside the quantization options. */
  readonly noted: Manifest['options'];
}

export interface MadePackage {
  readonly files: PackageFiles;
  readonly result: QuantizationResult;
  readonly tuned: FinetuneHistory | null;
  readonly program: IntegerProgram;
  readonly cost: RunCost;
  /** Over the calibration samples, 0..1; null where there are no labels. */
  readonly accuracy: { readonly metric: string; readonly float: number | null; readonly quantized: number | null };
}

export async function makePackage(
  context: CliContext,
  asked: PackageRequest,
  pool: SimulationPool,
): Promise<MadePackage> {
  const { target } = asked;
  const prepared = prepareModel(asked.model.graph, targetProfile(target), asked.quantize);
  const dataset = matchDataset(asked.dataset, prepared.graph);
  if (asked.tuning !== null) checkTuning(asked.tuning, prepared.graph, dataset, targetProfile(target));
  const clock = createStageClock();
  const { graph: calibratedGraph, statistics } = await calibrated(context, asked, prepared, dataset);
  const model = { ...asked.model, graph: calibratedGraph };
  const request: PackageRequest = { ...asked, model, quantize: prepared.options };
  clock.end('calibrate');
  const floatPassSeconds = await timeFloatPass(model.graph, dataset, statistics.samples);
  const samples = {
    inputs: { ...dataset, samples: statistics.samples },
    labels: dataset.labels?.slice(0, statistics.samples) ?? null,
    metric: dataset.metric,
    lossSamples: await blendedSamples(model.graph, dataset, statistics.samples, asked.quantize.blend),
  };
  clock.end('float pass and samples');
  const result = await search(context, request, statistics, samples, pool);
  clock.end('search');
  const { graph, plan, history } = await tunedOrNot(context, request, result, dataset, pool);
  if (history !== null) clock.end('fine-tune');
  const { files, program, outputs } = await assemblePackage(
    context,
    {
      model: { name: model.name, sha256: model.sha256 },
      target,
      graph,
      plan,
      samplesOf: (made) => readProgramSamples(made, samples.inputs),
      options: optionsOf(asked, statistics.samples),
      quantization: { ...quantizationRecord(result), finetune: history },
    },
    pool,
  );
  clock.end('package');
  const { metric } = dataset;
  const logits = statistics.outputs.get(scoresOf(model.graph, model.graph.outputs[0]!));
  const scored = (scores: ArrayLike<number> | undefined): number | null =>
    scores === undefined ? null : accuracyOf(scores, dataset, statistics.samples);
  return {
    files,
    result,
    tuned: history,
    program,
    cost: costOf(clock.stages, result, floatPassSeconds),
    accuracy: { metric, float: scored(logits?.data), quantized: scored(outputs[0]) },
  };
}

async function calibrated(
  context: CliContext,
  { target, samples }: PackageRequest,
  { graph, options }: PreparedModel<QuantizeOptions>,
  dataset: Dataset,
): Promise<CalibratedModel> {
  const progress = context.progress('calibrate', 'samples');
  const result = await calibrateModel(graph, dataset, targetProfile(target), options, {
    samples,
    onProgress: progress.update,
    signal: context.signal,
  });
  progress.finish();
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
