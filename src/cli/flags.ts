/** Parsers of option values; each throws USAGE with the option's name, what was given and what is allowed. */
import { BitwrightError } from '../base/errors.ts';

function refuse(flag: string, seen: string, allowed: string): never {
  throw new BitwrightError('USAGE', { message: 'has an odd value', where: flag, seen, allowed });
}

/** A whole number in [low, high]; decimal or 0x hexadecimal. */
export function integerFlag(flag: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^(0x[0-9a-f]+|-?\d+)$/i.test(text) ? Number(text) : Number.NaN;
    if (!(value >= low && value <= high)) refuse(flag, text, `a whole number from ${low} to ${high}`);
    return value;
  };
}

const byteUnits: Readonly<Record<string, number>> = { '': 0, K: 10, M: 20, G: 30, T: 40 };

/** A size in bytes: a number with K, M, G or T (powers of 1024; KiB, MiB, ... say the same). */
export function bytesFlag(flag: string): (text: string) => number {
  return (text) => {
    const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:iB|B)?$/i.exec(text.trim());
    const bytes = match === null ? 0 : Math.floor(Number(match[1]) * 2 ** byteUnits[match[2]!.toUpperCase()]!);
    if (!(bytes >= 1 && bytes <= 2 ** 50)) refuse(flag, text, 'a size like 512M or 2GiB');
    return bytes;
  };
}

/** A number from 0 to `high`. */
export function shareFlag(flag: string, high = 1): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!(value >= 0 && value <= high)) refuse(flag, text, `a number from 0 to ${high}`);
    return value;
  };
}

export function choiceFlag<C extends string>(flag: string, choices: readonly C[]): (text: string) => C {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    return found ?? refuse(flag, text, choices.join(', '));
  };
}

/** Every verb that reads a model takes this. The sizes of all uses together, by name. */
export const dimensionOption = [
  '--dim <name=size>',
  'size of a dynamic dimension other than the batch; may be given again',
  dimensionFlag,
  {},
] as const;

function dimensionFlag(text: string, before: Readonly<Record<string, number>>): Record<string, number> {
  const match = /^(.+)=(\d{1,9})$/.exec(text);
  const size = Number(match?.[2] ?? 0);
  if (match === null || size < 1) return refuse('--dim', text, 'NAME=SIZE, e.g. height=224');
  return { ...before, [match[1]!]: size };
}
