/** The data set manifest, schema `bitwright-dataset/1`: its shape, and a parser that refuses unknown keys and reports all problems at once. */
import { BitwrightError, type Issue } from '../base/errors.ts';
import type { Metric } from './dataset.ts';

export const manifestSchema = 'bitwright-dataset/1';

export type Layout = 'NHWC' | 'NCHW' | 'HW';
export type Channels = 'RGB' | 'BGR' | 'GRAY';

/** How raw sample values become what the model is fed: (v * scale - mean[c]) / std[c] in float32. */
export interface Preprocessing {
  /** Layout of one sample in the file; absent: the sample is fed as it lies. */
  readonly layout?: Layout;
  /** Order that the model wants; files are RGB. */
  readonly channels?: Channels;
  readonly scale?: number;
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

/** Where one array comes from. Exactly one of `npy`, `npz`, `idx` and (for inputs) `images` is given. */
export interface ArraySource {
  readonly npy?: string;
  readonly npz?: string;
  /** Array inside the .npz. */
  readonly array?: string;
  /** IDX file (MNIST). */
  readonly idx?: string;
}

export interface ManifestInput extends ArraySource, Preprocessing {
  readonly name?: string;
  /** Folder of images. */
  readonly images?: string;
  /** CSV with the columns file,label; absent: all images of the folder in the order of their names. */
  readonly list?: string;
  /** Shorter side of the image after scaling, pixels; before the crop. */
  readonly resize?: number;
  /** Side of the square cut from the middle, pixels. */
  readonly centerCrop?: number;
}

export interface ManifestLabels extends ArraySource {
  readonly list?: string;
}

export interface Manifest {
  readonly inputs: readonly ManifestInput[];
  readonly labels?: ManifestLabels;
  readonly metric?: Metric;
  readonly ranking?: { readonly groupSize: number; readonly positive: number };
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) =>
  typeof value === 'string' && value.length > 0 && value.length <= 4096 && !value.includes('\0');
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isSize: Check = (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 16384;
const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 1e6;
const isNumbers: Check = (value) =>
  Array.isArray(value) && value.length >= 1 && value.length <= 4096 && value.every(isNumber);
const isDivisors: Check = (value) => isNumbers(value) && (value as number[]).every((number) => number !== 0);
const oneOf =
  (...allowed: string[]): Check =>
  (value) =>
    allowed.includes(value as string);

const arrayKeys: Readonly<Record<string, Check>> = { npy: isText, npz: isText, array: isText, idx: isText };
const inputKeys: Readonly<Record<string, Check>> = {
  ...arrayKeys,
  name: isText,
  images: isText,
  list: isText,
  resize: isSize,
  centerCrop: isSize,
  layout: oneOf('NHWC', 'NCHW', 'HW'),
  channels: oneOf('RGB', 'BGR', 'GRAY'),
  scale: isNumber,
  mean: isNumbers,
  std: isDivisors,
};
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const manifestKeys: Readonly<Record<string, Check>> = {
  schema: oneOf(manifestSchema),
  inputs: (value) => Array.isArray(value) && value.length >= 1 && value.length <= 8 && value.every(isObject),
  labels: isObject,
  metric: oneOf('top-1', 'hit-rate@10', 'none'),
  ranking: isObject,
};

function keyIssues(value: object, checks: Readonly<Record<string, Check>>, where: string): Issue[] {
  return Object.entries(value).flatMap(([key, entry]): Issue[] => {
    if (!Object.hasOwn(checks, key))
      return [{ message: `unknown key ${JSON.stringify(key)}`, where, allowed: Object.keys(checks).join(', ') }];
    return checks[key]!(entry)
      ? []
      : [
          {
            message: `value of ${JSON.stringify(key)} is not allowed`,
            where,
            seen: JSON.stringify(entry).slice(0, 80),
          },
        ];
  });
}

function sourceIssues(entry: Readonly<Record<string, unknown>>, kinds: readonly string[], where: string): Issue[] {
  const given = kinds.filter((kind) => entry[kind] !== undefined);
  const issues: Issue[] =
    given.length === 1
      ? []
      : [{ message: 'needs exactly one source', where, seen: given.join(', ') || 'none', allowed: kinds.join(', ') }];
  if (entry.array !== undefined && entry.npz === undefined) issues.push({ message: '"array" goes with "npz"', where });
  for (const key of ['resize', 'centerCrop'])
    if (entry[key] !== undefined && entry.images === undefined)
      issues.push({ message: `"${key}" goes with "images"`, where });
  return issues;
}

/** Parses a manifest's text. Throws DATASET_INVALID with all issues; `source` names the file. */
export function parseManifest(text: string, source: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new BitwrightError(
      'DATASET_INVALID',
      { message: 'is no JSON', where: source, seen: (cause as Error).message },
      { cause },
    );
  }
  const issues = isObject(json)
    ? manifestIssues(json as Record<string, unknown>, source)
    : [{ message: 'is no JSON object', where: source }];
  if (issues.length > 0) throw new BitwrightError('DATASET_INVALID', issues);
  return json as Manifest;
}

function manifestIssues(manifest: Readonly<Record<string, unknown>>, source: string): Issue[] {
  const issues = keyIssues(manifest, manifestKeys, source);
  for (const key of ['schema', 'inputs'])
    if (manifest[key] === undefined) issues.push({ message: `key "${key}" is missing`, where: source });
  const inputs = Array.isArray(manifest.inputs) ? manifest.inputs.filter(isObject) : [];
  inputs.forEach((input: Record<string, unknown>, index) => {
    const where = `${source}: inputs[${index}]`;
    issues.push(...keyIssues(input, inputKeys, where), ...sourceIssues(input, ['npy', 'npz', 'idx', 'images'], where));
  });
  if (isObject(manifest.labels)) {
    const where = `${source}: labels`;
    const labels = manifest.labels as Record<string, unknown>;
    issues.push(
      ...keyIssues(labels, { ...arrayKeys, list: isText }, where),
      ...sourceIssues(labels, ['npy', 'npz', 'idx', 'list'], where),
    );
  }
  if (isObject(manifest.ranking))
    issues.push(...rankingIssues(manifest.ranking as Record<string, unknown>, `${source}: ranking`));
  if (manifest.metric === 'hit-rate@10' && manifest.ranking === undefined)
    issues.push({ message: 'metric hit-rate@10 needs "ranking"', where: source });
  if (manifest.metric === 'top-1' && manifest.labels === undefined)
    issues.push({ message: 'metric top-1 needs "labels"', where: source });
  return issues;
}

function rankingIssues(ranking: Readonly<Record<string, unknown>>, where: string): Issue[] {
  const issues = keyIssues(ranking, { groupSize: isCount, positive: isCount }, where);
  if (issues.length > 0) return issues;
  const fits = (ranking.groupSize as number) >= 1 && (ranking.positive as number) < (ranking.groupSize as number);
  return fits
    ? []
    : [{ message: 'needs groupSize of at least 1 and positive below it', where, seen: JSON.stringify(ranking) }];
}
