/** The options by which a command says what to make a package of, and how: shared by `quantize` and `finetune`. */
import { type Command, Option } from 'commander';
import { BitwrightError } from '../base/errors.ts';
import { defaultOptions, type QuantizeOptions } from '../search/quantize-model.ts';
import { addBitOptions, type BitFlags, bitOptionsOf } from './bit-options.ts';
import { targetsFolderOption } from './commands/targets.ts';
import { bytesFlag, choiceFlag, dimensionOption, integerFlag, shareFlag } from './flags.ts';

export interface PackageFlags extends BitFlags {
  readonly target: string;
  readonly targets?: string;
  readonly output: string;
  readonly force?: boolean;
  readonly samples: number;
  readonly perTensor?: boolean;
  readonly biasCorrection: boolean;
  readonly equalization: boolean;
  readonly objective: QuantizeOptions['objective'];
  readonly blend: number;
  readonly optimizer: QuantizeOptions['optimizer'];
  readonly rounding: QuantizeOptions['rounding'];
  readonly seed: number;
  readonly workers?: number;
  readonly memory: number;
  readonly dim: Readonly<Record<string, number>>;
}

/** What `quantize`, `finetune` and `compile` have in common. */
export function addPackageOptions(command: Command, model: string, samples: string): Command {
  return command
    .argument('<model>', model)
    .requiredOption('--target <id>', 'what it is made for; `bitwright targets` lists them')
    .requiredOption('-o, --output <folder>', 'package folder to write')
    .option('--force', 'write into a folder that holds files of others')
    .option(...targetsFolderOption)
    .option(...dimensionOption)
    .option('--samples <count>', samples, integerFlag('--samples', 2, 1e6), 512)
    .option('--workers <count>', 'threads of the simulation', integerFlag('--workers', 1, 64));
}

/** For `quantize` and `finetune`. */
export function addFloatModelOptions(command: Command): Command {
  return addPackageOptions(command, 'float ONNX model', 'calibration samples, from the first one');
}

/** `initialiser` is the name of the option that chooses how step sizes are found. */
export function addSearchOptions(command: Command, initialiser: '--method' | '--start'): Command {
  const objectives = ['auto', 'kl', 'cross-entropy', 'binary-kl', 'mse'];
  return addBitOptions(command)
    .option(
      `${initialiser} <name>`,
      'lapq, or one initialiser alone: max-abs, mmse, lp-norm:2.4, ... (docs/add-a-method.md)',
      'lapq',
    )
    .option('--per-tensor', 'one scale per weight tensor, not per channel')
    .option('--no-bias-correction', 'leave biases as they are')
    .option(
      '--objective <name>',
      `loss of the search: ${objectives.join(', ')}`,
      choiceFlag('--objective', objectives),
      'auto',
    )
    .option(
      '--blend <share>',
      'take the loss on samples with this share of another one in them, 0 to 0.5; for models that have fitted the calibration data',
      shareFlag('--blend', 0.5),
      0,
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
    .option('--no-equalization', 'lapq: leave the channels of the model as they are')
    .option('--seed <number>', 'seed of every random choice', integerFlag('--seed', 0, 2 ** 31 - 1), 1)
    .addOption(
      new Option('--memory <size>', 'what calibration and search may take, e.g. 512M')
        .argParser(bytesFlag('--memory'))
        .default(2 ** 31, '2 GiB'),
    );
}

export async function searchOptionsOf(flags: PackageFlags, method: string): Promise<QuantizeOptions> {
  const { objective, blend, optimizer, rounding, seed } = flags;
  if (blend > 0 && objective === 'cross-entropy') {
    throw new BitwrightError('USAGE', {
      message: 'blended samples have no labels',
      where: '--blend',
      seen: '--objective cross-entropy',
      next: 'Leave one of the two out.',
    });
  }
  const bits = await bitOptionsOf(flags);
  return {
    ...defaultOptions(bits.weights, bits.activations),
    method,
    bits,
    perChannel: flags.perTensor !== true,
    equalize: flags.equalization,
    correctBias: flags.biasCorrection,
    objective,
    blend,
    optimizer,
    rounding,
    seed,
  };
}
