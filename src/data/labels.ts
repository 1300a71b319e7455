/** Labels and image lists: CSV files with the columns file,label, and label arrays. */
import { BitwrightError } from '../base/errors.ts';
import { elementCount } from '../base/tensor.ts';
import { readWhole } from './data-file.ts';
import type { SampleSource } from './sample-source.ts';

export interface ImageList {
  readonly files: readonly string[];
  readonly labels: Int32Array<ArrayBuffer>;
}

const rowsMax = 1e7;

/** Reads a CSV with a `file,label` header. Throws DATASET_INVALID naming the line. */
export async function readImageList(path: string): Promise<ImageList> {
  const lines = new TextDecoder().decode(await readWhole(path)).split(/\r?\n/);
  const refuse = (line: number, seen: string): never => {
    throw new BitwrightError('DATASET_INVALID', {
      message: 'line of the list',
      where: `${path}:${line}`,
      seen: JSON.stringify(seen.slice(0, 80)),
      allowed: line === 1 ? 'the header file,label' : 'a file name, a comma, a whole number',
    });
  };
  if (lines[0] !== 'file,label') refuse(1, lines[0] ?? '');
  const rows = lines.slice(1, rowsMax).flatMap((line, index) => {
    if (line === '') return [];
    const match = /^([^,"]+),(\d{1,9})$/.exec(line) ?? refuse(index + 2, line);
    return [[match[1]!, Number(match[2])] as const];
  });
  return { files: rows.map(([file]) => file), labels: Int32Array.from(rows, ([, label]) => label) };
}

/** All labels of an array source: whole numbers, one a sample. */
export async function readLabels(source: SampleSource, where: string): Promise<Int32Array<ArrayBuffer>> {
  if (elementCount(source.shape) !== 1)
    throw new BitwrightError('DATASET_INVALID', {
      message: 'labels are not one number a sample',
      where,
      seen: `[${[source.samples, ...source.shape].join(',')}]`,
      allowed: `[${source.samples}]`,
    });
  const raw = await source.read(0, source.samples);
  const numbers = Array.from(raw as ArrayLike<number | bigint>, Number);
  const bad = numbers.findIndex((label) => !Number.isInteger(label) || label < 0 || label > 2 ** 31 - 1);
  if (bad >= 0)
    throw new BitwrightError('DATASET_INVALID', {
      message: `label ${bad} is no class number`,
      where,
      seen: numbers[bad]!,
      allowed: 'whole numbers from 0',
    });
  return Int32Array.from(numbers);
}
