/** The options by which a command says what to make a package of, and how: shared by `quantize` and `finetune`. */
import type { Command } from 'commander';
import { BitwrightError } from '../base/errors.ts';
import type { ActivationPolicy, BitOverride } from '../quantize/bit-assignment.ts';
import { defaultOptions, type QuantizeOptions } from '../search/quantize-model.ts';
import { targetsFolderOption } from './commands/targets.ts';
import { choiceFlag, dimensionOption, integerFlag } from './flags.ts';

export interface PackageFlags {
  readonly target: string;
  readonly targets?: string;
  readonly output: string;
  readonly force?: boolean;
  readonly samples: number;
  readonly weights: number;
  readonly activations: number;
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
  readonly dim: Readonly<Record<string, number>>;
}

const bitsFlag = (flag: string) => integerFlag(flag, 2, 16);

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
  return command
    .option('--weights <bits>', 'bits of weights', bitsFlag('--weights'), 8)
    .option('--activations <bits>', 'bits of activations', bitsFlag('--activations'), 8)
    .option(
      `${initialiser} <name>`,
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

export function searchOptionsOf(flags: PackageFlags, method: string): QuantizeOptions {
  const { weights, activations, edges, policy, objective, optimizer, rounding, seed } = flags;
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
