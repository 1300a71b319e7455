/** One half of the demo: one target, from the float model to the verdict of its device, with the package left in a folder. */
import type { Dataset } from '../../data/dataset.ts';
import { loadTarget } from '../../data/targets.ts';
import { openDevice } from '../../device/registry.ts';
import { defaultOptions } from '../../search/quantize-model.ts';
import type { SimulationPool } from '../../simulate/engine.ts';
import type { Verdict } from '../../validate/verdict.ts';
import type { CliContext } from '../context.ts';
import { writeOutFolder } from '../out-folder.ts';
import { floatAccuracy } from './float-accuracy.ts';
import type { LoadedModel } from './load-model.ts';
import { type LoadedPackage, loadPackage } from './load-package.ts';
import { makePackage } from './make-package.ts';
import { matchPackage } from './read-samples.ts';
import { runValidation } from './run-validation.ts';
import { saveVerdict } from './save-verdict.ts';
import { simulatedAccuracy } from './simulated-accuracy.ts';
import { withClosing } from './with-closing.ts';
import { withReport } from './with-report.ts';

export interface DemoPart {
  readonly target: string;
  readonly device: string;
  readonly folder: string;
  /** Test images that run on the device. */
  readonly images: number;
}

export interface DemoInputs {
  readonly model: LoadedModel;
  readonly calibration: Dataset;
  readonly test: Dataset;
  readonly pool: SimulationPool;
}

export interface DemoResult {
  readonly part: DemoPart;
  readonly verdict: Verdict;
  /** Over the whole test set, in the simulator. */
  readonly simulated: number | null;
}

/** Enough for a search on this model; more images make it slower and no better. */
const calibrationSamples = 256;
const weightBits = 4;
const activationBits = 8;

export async function runDemoPart(context: CliContext, inputs: DemoInputs, part: DemoPart): Promise<DemoResult> {
  const { model, pool } = inputs;
  context.log(`\n${part.target}: quantize ${model.name} to W${weightBits}A${activationBits} by LAPQ`);
  const target = await loadTarget(part.target);
  const made = await makePackage(
    context,
    {
      model,
      target,
      dataset: inputs.calibration,
      samples: calibrationSamples,
      quantize: defaultOptions(weightBits, activationBits),
      tuning: null,
      journal: null,
      noted: {},
    },
    pool,
  );
  writeOutFolder(context, part.folder, withReport(made), false);
  const loaded = await loadPackage(part.folder);
  const dataset = matchPackage(inputs.test, loaded.manifest);
  const simulated = await simulatedAccuracy(context, loaded, dataset, pool);
  context.log(`\n${part.target}: run ${part.images} test images on ${part.device}`);
  return { part, verdict: await validated(context, inputs, part, loaded, dataset), simulated };
}

async function validated(
  context: CliContext,
  { model, pool }: DemoInputs,
  part: DemoPart,
  loaded: LoadedPackage,
  dataset: Dataset,
): Promise<Verdict> {
  const reference = await floatAccuracy(context, loaded, dataset, part.images, model.path);
  const device = await openDevice(part.device, { outFolder: loaded.folder, signal: context.signal });
  const run = await withClosing(context, device, () =>
    runValidation(context, {
      loaded,
      device,
      simulator: pool,
      dataset,
      samples: part.images,
      tracedSamples: 1,
      floatAccuracy: reference,
      gates: {},
    }),
  );
  saveVerdict(context, loaded, run);
  return run.verdict;
}
