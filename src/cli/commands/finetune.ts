/** `bitwright finetune`: training towards the integer grid after the search, then a package as `quantize` writes it. */
import type { Command } from 'commander';
import { BitwrightError } from '../../base/errors.ts';
import { type FinetuneMethod, finetuneDefaults } from '../../finetune/finetune-options.ts';
import { addDatasetOptions } from '../dataset-options.ts';
import { choiceFlag, integerFlag, shareFlag } from '../flags.ts';
import { addFloatModelOptions, addSearchOptions, type PackageFlags } from '../package-options.ts';
import type { Tuning } from '../steps/tune.ts';
import { writePackage } from '../steps/write-package.ts';
import type { VerbDefinition } from '../verbs.ts';

interface FinetuneFlags extends PackageFlags {
  readonly method: FinetuneMethod;
  readonly start: string;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly labelWeight: number;
  readonly learnSteps?: boolean;
  readonly flip?: boolean;
  readonly shift: number;
  readonly heldOut: number;
  readonly judgeEvery: number;
  readonly patience: number;
  readonly checkpoint?: string;
  readonly checkpointEvery: number;
  readonly resume?: string;
}

const { steps, batch, learningRate, labelWeight, heldOutShare, judgeEvery, patience } = finetuneDefaults;

export const finetune: VerbDefinition = {
  configure: (command) =>
    addTrainingOptions(addSearchOptions(addDatasetOptions(addFloatModelOptions(command)), '--start')),
  run: async (context, [path], options) => {
    const flags = options as unknown as FinetuneFlags;
    return writePackage(context, path!, flags, flags.start, tuningOf(flags), null);
  },
};

function addTrainingOptions(command: Command): Command {
  return command
    .option(
      '--method <name>',
      'alpha-blending or straight-through',
      choiceFlag('--method', ['alpha-blending', 'straight-through']),
      'alpha-blending',
    )
    .option('--steps <count>', 'training steps', integerFlag('--steps', 1, 1e7), steps)
    .option('--batch <samples>', 'samples of a step', integerFlag('--batch', 1, 4096), batch)
    .option(
      '--learning-rate <number>',
      'peak of the learning rate, in units of each channel',
      positiveFlag('--learning-rate'),
      learningRate,
    )
    .option(
      '--label-weight <number>',
      'weight of the labels beside the float model',
      positiveFlag('--label-weight'),
      labelWeight,
    )
    .option('--learn-steps', 'learn the step sizes too')
    .option('--flip', 'mirror half of the training images')
    .option('--shift <pixels>', 'move training images by up to so many pixels', integerFlag('--shift', 0, 64), 0)
    .option(
      '--held-out <share>',
      'share of the samples that judge and never train',
      shareFlag('--held-out'),
      heldOutShare,
    )
    .option(
      '--judge-every <steps>',
      'steps between judgements by the integer program',
      integerFlag('--judge-every', 1, 1e7),
      judgeEvery,
    )
    .option(
      '--patience <judgements>',
      'stop after so many without a better one; 0 never',
      integerFlag('--patience', 0, 1e6),
      patience,
    )
    .option('--checkpoint <file>', 'write the state of the training here')
    .option(
      '--checkpoint-every <steps>',
      'steps between checkpoints; 0: only the last',
      integerFlag('--checkpoint-every', 0, 1e7),
      0,
    )
    .option('--resume <file>', 'go on from a checkpoint');
}

function tuningOf(flags: FinetuneFlags): Tuning {
  const augmentation =
    flags.flip === true || flags.shift > 0 ? { flip: flags.flip === true, shift: flags.shift } : null;
  return {
    options: {
      ...finetuneDefaults,
      method: flags.method,
      steps: flags.steps,
      batch: flags.batch,
      learningRate: flags.learningRate,
      labelWeight: flags.labelWeight,
      learnSteps: flags.learnSteps === true,
      augmentation,
      seed: flags.seed,
      heldOutShare: flags.heldOut,
      judgeEvery: flags.judgeEvery,
      patience: flags.patience,
      checkpointEvery: flags.checkpointEvery,
      ...(flags.workers === undefined ? {} : { threads: flags.workers }),
    },
    checkpoint: flags.checkpoint ?? null,
    resume: flags.resume ?? null,
  };
}

function positiveFlag(flag: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= 0 && value <= 1e6) return value;
    throw new BitwrightError('USAGE', {
      message: 'has an odd value',
      where: flag,
      seen: text,
      allowed: 'a number from 0',
    });
  };
}
