/** A package on a device, from the first byte pushed to the verdict: what `validate` and `demo` both do. */
import type { Dataset } from '../../data/dataset.ts';
import type { Device } from '../../device/device.ts';
import type { ReportData } from '../../report/report-data.ts';
import type { SimulationPool } from '../../simulate/engine.ts';
import { explainDivergence } from '../../validate/explain-divergence.ts';
import type { Gates } from '../../validate/gates.ts';
import { confusionMatrix } from '../../validate/metrics.ts';
import { type Validation, validate } from '../../validate/validate.ts';
import { judge, type Verdict } from '../../validate/verdict.ts';
import type { CliContext } from '../context.ts';
import type { Progress } from '../progress.ts';
import type { LoadedPackage } from './load-package.ts';
import { sampleReader } from './read-samples.ts';

export interface ValidationRun {
  readonly verdict: Verdict;
  readonly layerCosts: ReportData['layerCosts'];
  readonly confusion: ReportData['confusion'];
}

export interface ValidationPlan {
  readonly loaded: LoadedPackage;
  readonly device: Device;
  readonly simulator: SimulationPool;
  readonly dataset: Dataset;
  readonly samples: number;
  readonly tracedSamples: number;
  readonly floatAccuracy: number | null;
  readonly gates: Gates;
}

export async function runValidation(context: CliContext, plan: ValidationPlan): Promise<ValidationRun> {
  const { loaded, device, dataset, samples } = plan;
  const started = performance.now();
  const push = context.progress(`push to ${device.info.id}`, 'bytes');
  const run = context.progress(`run on ${device.info.id}`, 'samples');
  const validation = await validate(loaded.subject, device, plan.simulator, {
    samples,
    tracedSamples: plan.tracedSamples,
    read: sampleReader(dataset, loaded),
    onPush: untilDone(push),
    onProgress: run.update,
    explain: (operation, inputs, actual) => explainDivergence(loaded.program, operation, inputs, actual),
    signal: context.signal,
  });
  run.finish();
  const { manifest } = loaded;
  const verdict = judge({
    profile: loaded.program.profile,
    device: device.info,
    link: device.link,
    validation,
    dataset,
    floatAccuracy: plan.floatAccuracy,
    arenaBytes: loaded.program.arenaBytes,
    programBytes: loaded.bytes.length,
    weightBytes: manifest.memory.weightBytes,
    model: manifest.model,
    gates: plan.gates,
    seconds: (performance.now() - started) / 1000,
  });
  return { verdict, layerCosts: layerCostsOf(device, validation), confusion: confusionOf(dataset, validation) };
}

/** Ends the line of the push as soon as all bytes are there, before the first sample draws its own. */
function untilDone(progress: Progress): Progress['update'] {
  let finished = false;
  return (done, total) => {
    if (finished) return;
    progress.update(done, total);
    finished = done >= total;
    if (finished) progress.finish();
  };
}

function layerCostsOf(device: Device, { layerCosts }: Validation): ReportData['layerCosts'] {
  return layerCosts.length === 0 ? null : { unit: device.info.costUnit, costs: layerCosts };
}

function confusionOf(dataset: Dataset, { device, samples }: Validation): ReportData['confusion'] {
  if (dataset.metric !== 'top-1' || dataset.labels === null) return null;
  return { matrix: confusionMatrix(device, dataset.labels, samples) };
}
