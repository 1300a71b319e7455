/** The options by which a command names its data: a manifest, or a bare file or folder with its preprocessing. */
import type { Command } from 'commander';
import { BitwrightError } from '../base/errors.ts';
import type { Dataset } from '../data/dataset.ts';
import type { BareOptions } from '../data/load-dataset.ts';
import { choiceFlag } from './flags.ts';
import type { VerbOptions } from './verbs.ts';

const dataOption = ['--data <dataset>', 'data set: manifest .json, .npy, .npz or a folder of images'] as const;

export function addDatasetOptions(command: Command): Command {
  return addPreprocessingOptions(command.requiredOption(...dataOption));
}

/** For a verb that can do without data. */
export function addOptionalDatasetOptions(command: Command): Command {
  return addPreprocessingOptions(command.option(...dataOption));
}

function addPreprocessingOptions(command: Command): Command {
  return command
    .option('--labels <file>', 'labels of a bare data set: .npy or .npz')
    .option(
      '--layout <layout>',
      'layout of a bare sample: NHWC, NCHW or HW',
      choiceFlag('--layout', ['NHWC', 'NCHW', 'HW']),
    )
    .option(
      '--channels <order>',
      'channel order the model wants: RGB, BGR or GRAY',
      choiceFlag('--channels', ['RGB', 'BGR', 'GRAY']),
    )
    .option('--scale <number>', 'a bare value v is fed as (v * scale - mean) / std', numbersFlag('--scale'))
    .option('--mean <numbers>', 'one, or one per channel, separated by commas', numbersFlag('--mean'))
    .option('--std <numbers>', 'one, or one per channel, separated by commas', numbersFlag('--std'))
    .option('--list <file>', 'CSV file,label of an image folder')
    .option('--resize <pixels>', 'shorter side of an image after scaling', numbersFlag('--resize'))
    .option(
      '--center-crop <pixels>',
      'side of the square cut from the middle of an image',
      numbersFlag('--center-crop'),
    );
}

export async function openDataset(options: VerbOptions): Promise<Dataset> {
  const { loadDataset } = await import('../data/load-dataset.ts');
  return loadDataset(options.data as string, bareOptions(options));
}

/** Throws USAGE where a manifest, which says all of it itself, is given preprocessing flags too. */
function bareOptions(options: VerbOptions): BareOptions {
  const bare: Record<string, unknown> = {};
  for (const name of ['labels', 'layout', 'channels', 'mean', 'std', 'list']) {
    if (options[name] !== undefined) bare[name] = options[name];
  }
  for (const name of ['scale', 'resize', 'centerCrop']) {
    if (options[name] !== undefined) bare[name] = (options[name] as number[])[0];
  }
  if (Object.keys(bare).length > 0 && (options.data as string).endsWith('.json')) {
    throw new BitwrightError('USAGE', {
      message: 'a manifest describes its samples itself',
      seen: Object.keys(bare).join(', '),
      next: 'Put these into the manifest, or name the bare file.',
    });
  }
  return bare as BareOptions;
}

function numbersFlag(flag: string): (text: string) => number[] {
  return (text) => {
    const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
    if (numbers.every(Number.isFinite)) return numbers;
    throw new BitwrightError('USAGE', {
      message: 'has an odd value',
      where: flag,
      seen: text,
      allowed: 'numbers separated by commas',
    });
  };
}
