/** The search with progress on stderr, a journal to resume from, and an interrupt that keeps the best plan so far. */
import { createHash } from 'node:crypto';
import type { Statistics } from '../../calibrate/statistics.ts';
import {
  type CalibrationSamples,
  type QuantizationResult,
  type QuantizeHooks,
  type QuantizeProgress,
  quantizeModel,
} from '../../search/quantize-model.ts';
import type { SimulationPool } from '../../simulate/engine.ts';
import type { CliContext } from '../context.ts';
import { packageVersion } from '../version.ts';
import type { PackageRequest } from './make-package.ts';
import type { SearchIdentity, SearchJournal } from './search-journal.ts';
import { targetProfile } from './target-profile.ts';

export async function search(
  context: CliContext,
  request: PackageRequest,
  statistics: Statistics,
  samples: CalibrationSamples,
  pool: SimulationPool,
): Promise<QuantizationResult> {
  const { model, target, quantize, journal } = request;
  const show = showProgress(context);
  const run = (hooks: QuantizeHooks): Promise<QuantizationResult> =>
    quantizeModel(model.graph, statistics, samples, targetProfile(target), quantize, pool, {
      ...hooks,
      onProgress: show.update,
    });
  const result =
    journal === null
      ? await run({ signal: context.signal })
      : await withJournal(context, journal, await identityOf(request, statistics, samples), run);
  show.finish(`loss ${result.loss.final.toPrecision(4)}`);
  for (const warning of result.warnings) context.warn(`warning: ${warning}`);
  return result;
}

async function withJournal(
  context: CliContext,
  journal: SearchJournal,
  identity: SearchIdentity,
  run: (hooks: QuantizeHooks) => Promise<QuantizationResult>,
): Promise<QuantizationResult> {
  const known = journal.begin(identity);
  if (known.length > 0) context.log(`resuming: ${known.length} evaluations are known`);
  const forget = context.onInterrupt(journal.save);
  try {
    return await context.gently('ending the search with the best so far; interrupt again to leave at once', (signal) =>
      run({ signal, journal: known, onJournal: journal.record }),
    );
  } finally {
    journal.save();
    forget();
  }
}

/** One bar per phase, with the loss and what the search has cost so far. */
function showProgress(context: CliContext) {
  let phase = '';
  let progress = context.progress('', '');
  const finish = (note?: string): void => {
    if (phase !== '') progress.finish(note);
  };
  const update = (step: QuantizeProgress): void => {
    if (step.phase !== phase) {
      finish();
      phase = step.phase;
      progress = context.progress(`search: ${phase}`, 'steps');
    }
    const cost = `${step.fullEquivalents.toFixed(1)} evaluations`;
    const note = Number.isFinite(step.loss) ? `loss ${step.loss.toPrecision(4)} after ${cost}` : cost;
    progress.update(step.done, step.total, note);
  };
  return { update, finish };
}

/** Two searches with equal identities find the same losses. */
async function identityOf(
  { model, target, quantize }: PackageRequest,
  statistics: Statistics,
  { inputs, labels }: CalibrationSamples,
): Promise<SearchIdentity> {
  const data = createHash('sha256');
  for (let sample = 0; sample < inputs.samples; sample++) {
    for (const tensor of await inputs.read(sample, 1)) data.update(tensor.data);
  }
  if (labels !== null) data.update(labels);
  const float = createHash('sha256');
  for (const { histogram, channelMean } of statistics.values.values()) {
    float.update(`${histogram.lowest} ${histogram.binWidth}`).update(histogram.counts).update(channelMean);
  }
  for (const tensor of statistics.outputs.values()) float.update(tensor.data);
  const options = Object.entries(quantize).map(([name, value]) => [`option ${name}`, JSON.stringify(value)]);
  return {
    'version of bitwright': packageVersion(),
    model: model.sha256,
    target: createHash('sha256').update(JSON.stringify(target)).digest('hex'),
    'set of calibration samples': data.digest('hex'),
    'result of the float model on them': float.digest('hex'),
    ...Object.fromEntries(options),
  };
}
