/** `bitwright validate`: a package on a device against the simulation, judged by gates, reported in whatever form CI wants. */
import type { Command } from 'commander';
import { BitwrightError } from '../../base/errors.ts';
import type { Dataset } from '../../data/dataset.ts';
import { openDevice } from '../../device/registry.ts';
import { brokenRunSuite, junitXml, verdictSuite } from '../../report/junit.ts';
import { verdictMarkdown } from '../../report/markdown.ts';
import { verdictText } from '../../report/terminal.ts';
import { createSimulationPool } from '../../simulate/pool.ts';
import { type Gates, parseGates } from '../../validate/gates.ts';
import type { CliContext } from '../context.ts';
import { addDatasetOptions, openDataset } from '../dataset-options.ts';
import { integerFlag, shareFlag } from '../flags.ts';
import { floatAccuracy } from '../steps/float-accuracy.ts';
import { type LoadedPackage, loadPackage } from '../steps/load-package.ts';
import { readUserText } from '../steps/read-file.ts';
import { matchPackage } from '../steps/read-samples.ts';
import { runValidation, type ValidationRun } from '../steps/run-validation.ts';
import { saveVerdict } from '../steps/save-verdict.ts';
import { withClosing } from '../steps/with-closing.ts';
import { writeFiles } from '../steps/write-files.ts';
import type { VerbDefinition, VerbOptions } from '../verbs.ts';

interface ValidateOptions {
  readonly device: string;
  readonly limit?: number;
  readonly trace: number;
  readonly model?: string;
  readonly gate?: string;
  readonly maxMismatches?: number;
  readonly maxAccuracyDrop?: number;
  readonly minAccuracy?: number;
  readonly junit?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly timeout?: number;
}

const countFlag = (flag: string) => integerFlag(flag, 0, Number.MAX_SAFE_INTEGER);

export const validate: VerbDefinition = {
  configure: (command) => addGateOptions(addDatasetOptions(addRunOptions(command))),
  run: async (context, [folder], flags) => {
    const options = flags as unknown as ValidateOptions;
    const gates = await gatesOf(options);
    const started = performance.now();
    try {
      return await validatePackage(context, folder!, options, flags, gates);
    } catch (error) {
      if (options.junit !== undefined && error instanceof BitwrightError) {
        const seconds = (performance.now() - started) / 1000;
        writeFiles(
          new Map([[options.junit, junitXml(brokenRunSuite(error, gates, suiteName(folder!, options), seconds))]]),
        );
      }
      throw error;
    }
  },
};

function addRunOptions(command: Command): Command {
  return command
    .argument('<package>', 'folder that `quantize` wrote')
    .requiredOption('--device <device>', 'where to run it; `bitwright devices` lists them')
    .option('--limit <samples>', 'only the first samples', integerFlag('--limit', 1, 1e9))
    .option('--trace <samples>', 'samples whose layers are compared one by one', countFlag('--trace'), 1)
    .option('--model <file>', 'the float model, where it has moved since the package was made')
    .option('--timeout <ms>', 'patience with a silent device', integerFlag('--timeout', 1, 3_600_000));
}

function addGateOptions(command: Command): Command {
  return command
    .option('--gate <file>', 'gates as JSON, see docs/gates.md')
    .option(
      '--max-mismatches <count>',
      'gate: differing elements and layers; 0 unless set',
      countFlag('--max-mismatches'),
    )
    .option(
      '--max-accuracy-drop <share>',
      'gate: float minus device accuracy, 0 to 1',
      shareFlag('--max-accuracy-drop'),
    )
    .option('--min-accuracy <share>', 'gate: accuracy on the device, 0 to 1', shareFlag('--min-accuracy'))
    .option('--junit <file>', 'write JUnit XML')
    .option('--markdown <file>', 'write Markdown')
    .option('--html <file>', 'write the HTML report here too');
}

/** Flags win over the file. */
async function gatesOf(options: ValidateOptions): Promise<Gates> {
  const { gate, maxMismatches, maxAccuracyDrop, minAccuracy } = options;
  const fromFile = gate === undefined ? {} : parseGates(await readUserText(gate, 'Check --gate.'), gate);
  const flags = Object.entries({ maxMismatches, maxAccuracyDrop, minAccuracy }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...fromFile, ...Object.fromEntries(flags) };
}

function suiteName(folder: string, { device }: ValidateOptions): string {
  return `validate ${folder} on ${device}`;
}

async function validatePackage(
  context: CliContext,
  folder: string,
  options: ValidateOptions,
  flags: VerbOptions,
  gates: Gates,
): Promise<number> {
  const loaded = await loadPackage(folder);
  const dataset = matchPackage(await openDataset(flags), loaded.manifest);
  const samples = Math.min(options.limit ?? dataset.samples, dataset.samples);
  const run = await runOnDevice(context, loaded, dataset, samples, options, gates);
  const { verdict } = run;
  const title = suiteName(folder, options);
  const html = saveVerdict(context, loaded, run);
  const files = new Map<string, string>();
  if (options.html !== undefined) files.set(options.html, html);
  if (options.junit !== undefined) files.set(options.junit, junitXml(verdictSuite(verdict, title)));
  if (options.markdown !== undefined) files.set(options.markdown, verdictMarkdown(verdict, title));
  writeFiles(files);
  context.result(verdict, verdictText(verdict));
  return verdict.outcome === 'pass' ? 0 : 1;
}

async function runOnDevice(
  context: CliContext,
  loaded: LoadedPackage,
  dataset: Dataset,
  samples: number,
  options: ValidateOptions,
  gates: Gates,
): Promise<ValidationRun> {
  const timeout = options.timeout === undefined ? {} : { timeoutMs: options.timeout };
  const device = await openDevice(options.device, { outFolder: loaded.folder, signal: context.signal, ...timeout });
  return withClosing(context, device, async () => {
    const reference = await floatAccuracy(context, loaded, dataset, samples, options.model);
    return withClosing(context, await createSimulationPool(), (simulator) =>
      runValidation(context, {
        loaded,
        device,
        simulator,
        dataset,
        samples,
        tracedSamples: options.trace,
        floatAccuracy: reference,
        gates,
      }),
    );
  });
}
