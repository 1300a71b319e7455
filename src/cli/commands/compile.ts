/** `bitwright compile`: a model that is quantized already to an integer package, with its own scales and codes. */
import { loadTarget } from '../../data/targets.ts';
import { createSimulationPool } from '../../simulate/pool.ts';
import { addOptionalDatasetOptions, openDataset } from '../dataset-options.ts';
import { integerFlag } from '../flags.ts';
import { checkOutFolder, writeOutFolder } from '../out-folder.ts';
import { addPackageOptions, type PackageFlags } from '../package-options.ts';
import { compilePackage } from '../steps/compile-package.ts';
import { compileSummary, compileText } from '../steps/compile-summary.ts';
import { notedPath } from '../steps/float-accuracy.ts';
import { loadQuantizedModel } from '../steps/load-model.ts';
import { withClosing } from '../steps/with-closing.ts';
import { withReport } from '../steps/with-report.ts';
import type { VerbDefinition } from '../verbs.ts';

type CompileFlags = Pick<
  PackageFlags,
  'target' | 'targets' | 'output' | 'force' | 'samples' | 'workers' | 'dim' | 'seed'
>;

export const compile: VerbDefinition = {
  configure: (command) =>
    addOptionalDatasetOptions(
      addPackageOptions(
        command,
        'quantized ONNX model: QDQ or QLinear operators',
        'samples of --data that are run once',
      ),
    ).option(
      '--seed <number>',
      'seed of the golden samples where there is no --data',
      integerFlag('--seed', 0, 2 ** 31 - 1),
      1,
    ),
  run: async (context, [path], options) => {
    const started = performance.now();
    const flags = options as unknown as CompileFlags;
    const force = flags.force === true;
    checkOutFolder(flags.output, force);
    const target = await loadTarget(flags.target, flags.targets === undefined ? [] : [flags.targets]);
    const model = await loadQuantizedModel(path!, flags.dim);
    const dataset = options.data === undefined ? null : await openDataset(options);
    const { samples, seed } = flags;
    const request = { model, target, dataset, samples, seed, noted: notedPath(flags.output, path!) };
    const workers = flags.workers === undefined ? {} : { workers: flags.workers };
    const compiled = await withClosing(context, await createSimulationPool(workers), (pool) =>
      compilePackage(context, request, pool),
    );
    const files = withReport(compiled);
    writeOutFolder(context, flags.output, files, force);
    const seconds = (performance.now() - started) / 1000;
    const summary = compileSummary(compiled, model, target, [...files.keys()], seconds);
    context.result(summary, compileText(summary, flags.output));
    return 0;
  },
};
