/** `bitwright quantize`: a float ONNX model to an integer package for a target. */
import { relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { BitwrightError } from '../../base/errors.ts';
import { loadTarget } from '../../data/targets.ts';
import type { ActivationPolicy, BitOverride } from '../../quantize/bit-assignment.ts';
import { formatBytes, formatCount, formatReal, formatShare } from '../../report/format.ts';
import { textFacts } from '../../report/text-table.ts';
import { defaultOptions, type QuantizeOptions } from '../../search/quantize-model.ts';
import { createSimulationPool } from '../../simulate/pool.ts';
import { addDatasetOptions, openDataset } from '../dataset-options.ts';
import { choiceFlag, integerFlag } from '../flags.ts';
import { checkOutFolder, writeOutFolder } from '../out-folder.ts';
import { modelPathOption } from '../steps/float-accuracy.ts';
import { loadModel } from '../steps/load-model.ts';
import { type MadePackage, makePackage } from '../steps/make-package.ts';
import { withClosing } from '../steps/with-closing.ts';
import { withReport } from '../steps/with-report.ts';
import type { VerbDefinition, VerbOptions } from '../verbs.ts';
import { targetsFolderOption } from './targets.ts';

interface QuantizeFlags {
  readonly target: string;
  readonly targets?: string;
  readonly output: string;
  readonly force?: boolean;
  readonly samples: number;
  readonly weights: number;
  readonly activations: number;
  readonly method: string;
  readonly edges: number;
  readonly depthwise?: number;
  readonly policy: ActivationPolicy;
  readonly bits: readonly BitOverride[];
  readonly perTensor?: boolean;
  readonly biasCorrection: boolean;
  readonly objective: QuantizeOptions['objective'];
  readonly optimizer: QuantizeOptions['optimizer'];
  readonly rounding: QuantizeOptions['rounding'];
  readonly seed: number;
  readonly workers?: number;
}

const bitsFlag = (flag: string) => integerFlag(flag, 2, 16);

export const quantize: VerbDefinition = {
  configure: (command) => addMethodOptions(addDatasetOptions(addPackageOptions(command))),
  run: async (context, [path], flags) => {
    const options = flags as unknown as QuantizeFlags;
    const started = performance.now();
    checkOutFolder(options.output, options.force === true);
    const target = await loadTarget(options.target, options.targets === undefined ? [] : [options.targets]);
    const model = await loadModel(path!);
    const dataset = await openDataset(flags as VerbOptions);
    const quantizeOptions = quantizeOptionsOf(options);
    const workers = options.workers === undefined ? {} : { workers: options.workers };
    const made = await withClosing(context, await createSimulationPool(workers), (pool) =>
      makePackage(
        context,
        {
          model,
          target,
          dataset,
          samples: options.samples,
          quantize: quantizeOptions,
          noted: { [modelPathOption]: relativePath(options.output, path!) },
        },
        pool,
      ),
    );
    const files = withReport(made);
    writeOutFolder(context, options.output, files, options.force === true);
    const seconds = (performance.now() - started) / 1000;
    const document = summary(made, quantizeOptions, [...files.keys()], seconds);
    context.result(document, summaryText(made, options.output, seconds));
    return 0;
  },
};

function addPackageOptions(command: Command): Command {
  return command
    .argument('<model>', 'float ONNX model')
    .requiredOption('--target <id>', 'what it is quantized for; `bitwright targets` lists them')
    .requiredOption('-o, --output <folder>', 'package folder to write')
    .option('--force', 'write into a folder that holds files of others')
    .option(...targetsFolderOption)
    .option('--samples <count>', 'calibration samples, from the first one', integerFlag('--samples', 2, 1e6), 512)
    .option('--workers <count>', 'threads of the simulation', integerFlag('--workers', 1, 64));
}

function addMethodOptions(command: Command): Command {
  const objectives = ['auto', 'kl', 'cross-entropy', 'binary-kl', 'mse'];
  return command
    .option('--weights <bits>', 'bits of weights', bitsFlag('--weights'), 8)
    .option('--activations <bits>', 'bits of activations', bitsFlag('--activations'), 8)
    .option(
      '--method <name>',
      'lapq, or one initialiser alone: max-abs, mmse, lp-norm:2.4, ... (docs/add-a-method.md)',
      'lapq',
    )
    .option('--edges <bits>', 'bits of the first and last weighted layers', bitsFlag('--edges'), 8)
    .option('--depthwise <bits>', 'bits of depthwise weights; as --weights unless set', bitsFlag('--depthwise'))
    .option(
      '--policy <name>',
      'activations at --activations bits: all, operands, residual',
      choiceFlag('--policy', ['all', 'operands', 'residual']),
      'residual',
    )
    .option('--bits <overrides>', 'bits by name: PATTERN=wW, =aA or =wWaA, separated by commas', overridesFlag, [])
    .option('--per-tensor', 'one scale per weight tensor, not per channel')
    .option('--no-bias-correction', 'leave biases as they are')
    .option(
      '--objective <name>',
      `loss of the search: ${objectives.join(', ')}`,
      choiceFlag('--objective', objectives),
      'auto',
    )
    .option(
      '--optimizer <name>',
      'joint search: sweep, powell, powell-scipy, none',
      choiceFlag('--optimizer', ['sweep', 'powell', 'powell-scipy', 'none']),
      'sweep',
    )
    .option(
      '--rounding <name>',
      'rounding of weights: gram, mean-preserving, nearest',
      choiceFlag('--rounding', ['gram', 'mean-preserving', 'nearest']),
      'gram',
    )
    .option('--seed <number>', 'seed of every random choice', integerFlag('--seed', 0, 2 ** 31 - 1), 1);
}

function overridesFlag(text: string): BitOverride[] {
  return text.split(',').map((part) => {
    const match = /^(.+)=(?:w(\d{1,2}))?(?:a(\d{1,2}))?$/.exec(part.trim());
    if (match === null || (match[2] === undefined && match[3] === undefined)) {
      throw new BitwrightError('USAGE', {
        message: 'has an odd value',
        where: '--bits',
        seen: part,
        allowed: 'PATTERN=wW, PATTERN=aA or PATTERN=wWaA, e.g. conv*=w8a8',
      });
    }
    const [, pattern, weights, activations] = match;
    return {
      pattern: pattern!,
      ...(weights === undefined ? {} : { weights: Number(weights) }),
      ...(activations === undefined ? {} : { activations: Number(activations) }),
    };
  });
}

function quantizeOptionsOf(flags: QuantizeFlags): QuantizeOptions {
  const { weights, activations, method, edges, policy, objective, optimizer, rounding, seed } = flags;
  const depthwise = flags.depthwise ?? weights;
  return {
    ...defaultOptions(weights, activations),
    method,
    bits: { weights, activations, edges, policy, depthwise, overrides: flags.bits },
    perChannel: flags.perTensor !== true,
    correctBias: flags.biasCorrection,
    objective,
    optimizer,
    rounding,
    seed,
  };
}

/** From OUT/ to the model with forward slashes, so that the manifest is the same on every system. */
function relativePath(folder: string, model: string): string {
  return relative(resolve(folder), resolve(model)).split(sep).join('/');
}

function summary(
  { result, accuracy }: MadePackage,
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
    warnings: result.warnings,
    seconds,
    files,
  };
}

function summaryText({ result, accuracy, program, files }: MadePackage, folder: string, seconds: number): string {
  const { loss, evaluations } = result;
  const facts: [string, string][] = [
    ['loss', `${formatReal(loss.initial)} at the start, ${formatReal(loss.final)} at the end (${loss.objective})`],
    [
      'evaluations',
      `${formatCount(evaluations.count)}, worth ${evaluations.fullEquivalents.toFixed(1)} over all samples`,
    ],
  ];
  if (accuracy.quantized !== null) {
    facts.push(
      [`float ${accuracy.metric}`, `${formatShare(accuracy.float)} (calibration samples)`],
      [`quantized ${accuracy.metric}`, `${formatShare(accuracy.quantized)} (calibration samples)`],
    );
  }
  facts.push(
    ['program', formatBytes(files.get('program.bin')!.length)],
    ['arena', formatBytes(program.arenaBytes)],
    ['took', `${seconds.toFixed(1)} s`],
    ['package', folder],
  );
  return textFacts(facts);
}
