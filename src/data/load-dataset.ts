/** Opens a data set: a manifest, a bare .npy or .npz, or a folder of images. Only headers are read here; samples come in slices. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { assert, BitwrightError, type Issue } from '../base/errors.ts';
import { readNpz } from '../base/npz.ts';
import { elementCount, type Tensor } from '../base/tensor.ts';
import { folderOf, locateFile, readWhole } from './data-file.ts';
import type { Dataset, DatasetInput } from './dataset.ts';
import { openIdx } from './idx-source.ts';
import { listImages, openImages } from './image-source.ts';
import { readImageList, readLabels } from './labels.ts';
import { type ArraySource, type Manifest, type ManifestInput, parseManifest } from './manifest.ts';
import { openNpy, openNpz } from './npy-source.ts';
import { preprocess, sampleGeometry } from './preprocess.ts';
import type { SampleSource } from './sample-source.ts';

/** What the command line adds for a bare file or folder; a manifest says all of it itself. */
export type BareOptions = Omit<ManifestInput, 'npy' | 'npz' | 'idx' | 'images' | 'array'> & {
  /** .npy or .npz file of labels. */
  readonly labels?: string;
};

/**
 * Opens the data set at `path`. Throws FILE_NOT_FOUND, FILE_INVALID (a damaged file) or DATASET_INVALID (a manifest or
 * data that do not fit together), with all issues found.
 */
export async function loadDataset(path: string, options: BareOptions = {}): Promise<Dataset> {
  if (path.endsWith('.json'))
    return openManifest(parseManifest(new TextDecoder().decode(await readWhole(path)), path), folderOf(path), path);
  const { labels, ...input } = options;
  const labelled =
    labels === undefined
      ? {}
      : { labels: labels.endsWith('.npz') ? { npz: resolve(labels) } : { npy: resolve(labels) } };
  if (path.endsWith('.npy'))
    return openManifest({ inputs: [{ ...input, npy: resolve(path) }], ...labelled }, folderOf(path), path);
  if (path.endsWith('.npz'))
    return openManifest({ ...(await npzManifest(path, input)), ...labelled }, folderOf(path), path);
  const found = await stat(path).catch(() => null);
  if (found === null)
    throw new BitwrightError('FILE_NOT_FOUND', {
      message: 'no such data set',
      where: path,
      allowed: 'a manifest .json, .npy, .npz or a folder of images',
    });
  if (!found.isDirectory())
    throw new BitwrightError('DATASET_INVALID', {
      message: 'is no data set',
      where: path,
      allowed: 'a manifest .json, .npy, .npz or a folder of images',
    });
  return openManifest({ inputs: [{ ...input, images: resolve(path) }], ...labelled }, resolve(path), path);
}

/** Every array of a bare .npz is an input, except `labels`. */
async function npzManifest(path: string, options: BareOptions): Promise<Manifest> {
  const names = [...readNpz(await readWhole(path), path).keys()];
  const npz = resolve(path);
  const arrays = names.filter((name) => name !== 'labels');
  const inputs = arrays.map((array) => ({ ...options, npz, array, ...(arrays.length > 1 ? { name: array } : {}) }));
  if (inputs.length === 0) throw new BitwrightError('DATASET_INVALID', { message: 'holds no arrays', where: path });
  return names.includes('labels') ? { inputs, labels: { npz, array: 'labels' } } : { inputs };
}

interface OpenedInput {
  readonly input: DatasetInput;
  read(start: number, count: number): Promise<Tensor>;
}

async function openManifest(manifest: Manifest, folder: string, source: string): Promise<Dataset> {
  const issues: Issue[] = [];
  let folderLabels: Int32Array<ArrayBuffer> | null = null;
  const sources: SampleSource[] = [];
  for (const input of manifest.inputs) {
    const opened = await openInput(input, folder);
    folderLabels ??= opened.labels;
    sources.push(opened.source);
  }
  const inputs = manifest.inputs.map((input, index) =>
    preparedInput(input, sources[index]!, `${source}: inputs[${index}]`, issues),
  );
  const samples = sources[0]!.samples;
  const counts = sources.map((entry) => entry.samples);
  if (counts.some((count) => count !== samples))
    issues.push({ message: 'inputs differ in their number of samples', where: source, seen: counts.join(', ') });
  const labels = manifest.labels === undefined ? folderLabels : await openLabels(manifest, folder, source);
  if (labels !== null && labels.length !== samples)
    issues.push({
      message: 'labels and samples differ in number',
      where: source,
      seen: labels.length,
      allowed: samples,
    });
  const ranking = manifest.ranking ?? null;
  if (ranking !== null && samples % ranking.groupSize !== 0)
    issues.push({
      message: 'samples are no whole groups',
      where: source,
      seen: samples,
      allowed: `a multiple of ${ranking.groupSize}`,
    });
  if (samples === 0) issues.push({ message: 'has no samples', where: source });
  if (issues.length > 0) throw new BitwrightError('DATASET_INVALID', issues);
  const prepared = inputs.map((entry) => entry!);
  return {
    source,
    samples,
    inputs: prepared.map((entry) => entry.input),
    read: (start, count) => {
      assert(
        start >= 0 && count >= 1 && start + count <= samples,
        `Samples ${start} to ${start + count} of ${samples} were asked for.`,
      );
      return Promise.all(prepared.map((entry) => entry.read(start, count)));
    },
    labels,
    metric: manifest.metric ?? (labels === null ? 'none' : 'top-1'),
    ranking,
  };
}

async function openInput(
  input: ManifestInput,
  folder: string,
): Promise<{ source: SampleSource; labels: Int32Array<ArrayBuffer> | null }> {
  if (input.images === undefined) return { source: await openArray(input, folder), labels: null };
  const images = locateFile(input.images, folder);
  const { files, labels } =
    input.list === undefined ? await listImages(images) : await readImageList(locateFile(input.list, folder));
  return { source: await openImages(images, files, input), labels };
}

async function openArray(source: ArraySource, folder: string): Promise<SampleSource> {
  if (source.npy !== undefined) return openNpy(locateFile(source.npy, folder));
  if (source.npz !== undefined) return openNpz(locateFile(source.npz, folder), source.array);
  return openIdx(locateFile(source.idx!, folder));
}

async function openLabels(manifest: Manifest, folder: string, source: string): Promise<Int32Array<ArrayBuffer>> {
  const labels = manifest.labels!;
  if (labels.list === undefined) return readLabels(await openArray(labels, folder), `${source}: labels`);
  return (await readImageList(locateFile(labels.list, folder))).labels;
}

/** Integer arrays with no preprocessing are indices; everything else is fed as float32. */
function preparedInput(
  manifest: ManifestInput,
  source: SampleSource,
  where: string,
  issues: Issue[],
): OpenedInput | undefined {
  const name = manifest.name ?? null;
  const plain =
    manifest.scale === undefined &&
    manifest.mean === undefined &&
    manifest.std === undefined &&
    manifest.layout === undefined;
  if (plain && (source.dtype === 'int64' || source.dtype === 'int32')) return indexInput(name, source);
  const layout = manifest.layout ?? source.layout;
  const geometry = sampleGeometry(source.shape, layout);
  if (geometry === undefined) {
    issues.push({
      message: 'samples do not fit the layout',
      where,
      seen: `[${source.shape.join(',')}]`,
      allowed: `${layout}`,
    });
    return undefined;
  }
  for (const [key, list] of [
    ['mean', manifest.mean],
    ['std', manifest.std],
  ] as const) {
    if (list !== undefined && list.length !== 1 && list.length !== geometry.channels)
      issues.push({
        message: `"${key}" does not fit the channels`,
        where,
        seen: list.length,
        allowed: `1 or ${geometry.channels}`,
      });
  }
  if (manifest.channels === 'BGR' && geometry.channels !== 3)
    issues.push({ message: '"channels" BGR needs three channels', where, seen: geometry.channels });
  const shape = geometry.outputShape;
  const read = async (start: number, count: number): Promise<Tensor> => {
    const data = preprocess(await source.read(start, count), count, geometry, manifest);
    return { dtype: 'float32', shape: [count, ...shape], data };
  };
  return { input: { name, sampleShape: shape, dtype: 'float32' }, read };
}

function indexInput(name: string | null, source: SampleSource): OpenedInput {
  const read = async (start: number, count: number): Promise<Tensor> => {
    const raw = await source.read(start, count);
    const data = raw instanceof BigInt64Array ? raw : BigInt64Array.from(raw as Int32Array, BigInt);
    assert(
      data.length === count * elementCount(source.shape),
      'A data source returned another number of values than asked for.',
    );
    return { dtype: 'int64', shape: [count, ...source.shape], data };
  };
  return { input: { name, sampleShape: source.shape, dtype: 'int64' }, read };
}
