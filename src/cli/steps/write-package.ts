/** From a model file to OUT/ and a summary: what `quantize` and `finetune` both do. */
import { errorExitCodes } from '../../base/errors.ts';
import { loadTarget } from '../../data/targets.ts';
import { formatBytes, formatCount, formatReal, formatShare } from '../../report/format.ts';
import { textFacts } from '../../report/text-table.ts';
import type { QuantizeOptions } from '../../search/quantize-model.ts';
import { createSimulationPool } from '../../simulate/pool.ts';
import type { CliContext } from '../context.ts';
import { openDataset } from '../dataset-options.ts';
import { checkOutFolder, writeOutFolder } from '../out-folder.ts';
import { type PackageFlags, searchOptionsOf } from '../package-options.ts';
import type { VerbOptions } from '../verbs.ts';
import { notedPath } from './float-accuracy.ts';
import { loadModel } from './load-model.ts';
import { type MadePackage, makePackage } from './make-package.ts';
import { simulatorBytes } from './memory-budget.ts';
import type { SearchJournal } from './search-journal.ts';
import { targetProfile } from './target-profile.ts';
import type { Tuning } from './tune.ts';
import { withClosing } from './with-closing.ts';
import { withReport } from './with-report.ts';

/** The exit code: 0, or that of an interrupt after which OUT/ holds the best so far. */
export async function writePackage(
  context: CliContext,
  modelPath: string,
  flags: PackageFlags,
  method: string,
  tuning: Tuning | null,
  journal: SearchJournal | null,
): Promise<number> {
  const started = performance.now();
  checkOutFolder(flags.output, flags.force === true);
  const target = await loadTarget(flags.target, flags.targets === undefined ? [] : [flags.targets]);
  const model = await loadModel(modelPath, flags.dim);
  const dataset = await openDataset(flags as unknown as VerbOptions);
  const quantize = await searchOptionsOf(flags, method);
  const samples = Math.min(flags.samples, dataset.samples) * (quantize.blend > 0 ? 2 : 1);
  const poolOptions = {
    ...(flags.workers === undefined ? {} : { workers: flags.workers }),
    memoryBytes: simulatorBytes(flags.memory, model, samples, targetProfile(target)),
  };
  const made = await withClosing(context, await createSimulationPool(poolOptions), (pool) =>
    makePackage(
      context,
      {
        model,
        target,
        dataset,
        samples: flags.samples,
        quantize,
        tuning,
        journal,
        noted: notedPath(flags.output, modelPath),
      },
      pool,
    ),
  );
  const files = withReport(made);
  writeOutFolder(context, flags.output, files, flags.force === true);
  const seconds = (performance.now() - started) / 1000;
  const document = summary(made, quantize, [...files.keys()], seconds);
  context.result(document, summaryText(made, flags.output, seconds));
  if (!made.result.interrupted) {
    journal?.discard();
    return 0;
  }
  context.warn(
    `interrupted: ${flags.output} holds the best so far; repeat the command with --resume to go on from there.`,
  );
  return errorExitCodes.INTERRUPTED;
}

function summary(
  { result, accuracy, tuned, cost }: MadePackage,
  options: QuantizeOptions,
  files: readonly string[],
  seconds: number,
) {
  const { objective, float, initial, final } = result.loss;
  return {
    schemaVersion: 1,
    bits: { weights: options.bits.weights, activations: options.bits.activations },
    method: options.method,
    loss: { objective, float, initial, final },
    evaluations: result.evaluations,
    accuracy,
    finetune: tuned === null ? null : { stopped: tuned.stopped, best: tuned.best, judgements: tuned.judgements },
    warnings: result.warnings,
    interrupted: result.interrupted,
    seconds,
    cost,
    files,
  };
}

function summaryText(
  { result, accuracy, program, files, tuned, cost }: MadePackage,
  folder: string,
  seconds: number,
): string {
  const { loss, evaluations } = result;
  const facts: [string, string][] = [
    ['loss', `${formatReal(loss.initial)} at the start, ${formatReal(loss.final)} at the end (${loss.objective})`],
    [
      'evaluations',
      `${formatCount(evaluations.count)}, worth ${evaluations.fullEquivalents.toFixed(1)} over all samples`,
    ],
  ];
  if (tuned !== null) {
    facts.push([
      'fine-tuning',
      `loss ${formatReal(tuned.judgements[0]!.loss)} to ${formatReal(tuned.best.loss)} at step ${tuned.best.step}`,
    ]);
  }
  if (accuracy.quantized !== null) {
    facts.push(
      [`float ${accuracy.metric}`, `${formatShare(accuracy.float)} (calibration samples)`],
      [`quantized ${accuracy.metric}`, `${formatShare(accuracy.quantized)} (calibration samples)`],
    );
  }
  facts.push(
    ['program', formatBytes(files.get('program.bin')!.length)],
    ['arena', formatBytes(program.arenaBytes)],
    ['took', `${seconds.toFixed(1)} s; the search as much as ${cost.searchFloatPasses.toFixed(1)} float passes`],
    ['most memory', formatBytes(cost.peakResidentBytes)],
    ['package', folder],
  );
  return textFacts(facts);
}
