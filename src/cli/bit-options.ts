/** The options by which a user says how many bits everything gets, by rule, by name, or as in another package. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { BitwrightError } from '../base/errors.ts';
import { parseManifest } from '../package/manifest.ts';
import {
  type ActivationPolicy,
  activationPolicies,
  type BitOptions,
  type BitOverride,
} from '../quantize/bit-assignment.ts';
import { defaultOptions } from '../search/quantize-model.ts';
import { choiceFlag, integerFlag } from './flags.ts';
import { readUserText } from './steps/read-file.ts';

export interface BitFlags {
  readonly weights?: number;
  readonly activations?: number;
  readonly edges?: number;
  readonly depthwise?: number;
  readonly policy?: ActivationPolicy;
  readonly bits: readonly BitOverride[];
  readonly bitsFrom?: string;
}

const bitsMin = 2;
const bitsMax = 16;
const bitsFlag = (flag: string) => integerFlag(flag, bitsMin, bitsMax);
const { bits: standard } = defaultOptions(8, 8);

/** No option has a default of its own, so that what is given can be told from what is not. */
export function addBitOptions(command: Command): Command {
  return command
    .option('--weights <bits>', `bits of weights (default: ${standard.weights})`, bitsFlag('--weights'))
    .option('--activations <bits>', `bits of activations (default: ${standard.activations})`, bitsFlag('--activations'))
    .option(
      '--edges <bits>',
      `bits of the first and last weighted layers (default: ${standard.edges})`,
      bitsFlag('--edges'),
    )
    .option('--depthwise <bits>', 'bits of depthwise weights (default: as --weights)', bitsFlag('--depthwise'))
    .option(
      '--policy <name>',
      `activations at --activations bits: ${activationPolicies.join(', ')} (default: ${standard.policy})`,
      choiceFlag('--policy', activationPolicies),
    )
    .option('--bits <overrides>', 'bits by name: PATTERN=wW, =aA or =wWaA, separated by commas', overridesFlag, [])
    .option('--bits-from <package>', 'bits as in another package: its folder or manifest.json; options beside it win');
}

/** Added to those of earlier uses. */
function overridesFlag(text: string, before: readonly BitOverride[]): BitOverride[] {
  const added = text.split(',').map((part) => {
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
  return [...before, ...added];
}

/** The command line wins over the other package, and that over the defaults; overrides of both hold, the command line's last. */
export async function bitOptionsOf(flags: BitFlags): Promise<BitOptions> {
  const saved = flags.bitsFrom === undefined ? {} : await bitsOfPackage(flags.bitsFrom);
  const given = { ...saved, ...onlyGiven(flags) };
  const { bits } = defaultOptions(given.weights ?? standard.weights, given.activations ?? standard.activations);
  return { ...bits, ...given, overrides: [...(saved.overrides ?? []), ...flags.bits] };
}

function onlyGiven({ weights, activations, edges, depthwise, policy }: BitFlags): Partial<BitOptions> {
  const fields = { weights, activations, edges, depthwise, policy };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

async function bitsOfPackage(path: string): Promise<Partial<BitOptions>> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const file = isFolder ? join(path, 'manifest.json') : path;
  const text = await readUserText(file, 'Give the folder of a package that `quantize` wrote, or its manifest.json.');
  const saved = parseManifest(text, file).options.bits as Partial<BitOptions> | undefined;
  if (saved === undefined || !areBits(saved)) {
    throw new BitwrightError('ARTIFACT_INVALID', {
      message: saved === undefined ? 'holds no bit options' : 'holds bit options that are none of ours',
      where: file,
      next: 'Give a package of `quantize` or `finetune`.',
    });
  }
  const { weights, activations, edges, depthwise, policy, overrides } = saved;
  return { weights, activations, edges, depthwise, policy, overrides };
}

function areBits(saved: Partial<Record<keyof BitOptions, unknown>>): saved is BitOptions {
  const { weights, activations, edges, depthwise, policy, overrides } = saved;
  const width = (value: unknown): boolean =>
    Number.isInteger(value) && Number(value) >= bitsMin && Number(value) <= bitsMax;
  const isOverride = (entry: Partial<BitOverride> | null): boolean =>
    typeof entry?.pattern === 'string' &&
    [entry.weights, entry.activations].every((value) => value === undefined || width(value));
  return (
    [weights, activations, edges, depthwise].every(width) &&
    activationPolicies.some((name) => name === policy) &&
    Array.isArray(overrides) &&
    overrides.every(isOverride)
  );
}
