/** Samples from a folder of images, decoded by sharp (loaded on first use) to 8-bit RGB or grey, scaled and cut as asked. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BitwrightError } from '../base/errors.ts';
import { isSafeRelativePath } from '../base/relative-path.ts';
import type { Channels } from './manifest.ts';
import type { SampleSource } from './sample-source.ts';

export interface ImageOptions {
  readonly resize?: number | undefined;
  readonly centerCrop?: number | undefined;
  readonly channels?: Channels | undefined;
}

const imageName = /\.(jpe?g|png|webp|bmp|gif|tiff?)$/i;
const pixelsMax = 2 ** 26;
const decodersMax = 4;

/** Image files of a folder in the order of their names; a folder of folders gives one class each, in the order of their names. */
export async function listImages(folder: string): Promise<{ files: string[]; labels: Int32Array<ArrayBuffer> | null }> {
  const entries = await readFolder(folder);
  const files = entries
    .filter((entry) => entry.isFile() && imageName.test(entry.name))
    .map((entry) => entry.name)
    .sort();
  if (files.length > 0) return { files, labels: null };
  const classes = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const labelled: [string, number][] = [];
  for (const [label, name] of classes.entries()) {
    const inside = await readFolder(join(folder, name));
    for (const file of inside
      .filter((entry) => entry.isFile() && imageName.test(entry.name))
      .map((entry) => entry.name)
      .sort())
      labelled.push([join(name, file), label]);
  }
  if (labelled.length === 0)
    throw new BitwrightError('DATASET_INVALID', {
      message: 'holds no images',
      where: folder,
      allowed: 'jpg, png, webp, bmp, gif, tiff',
    });
  return { files: labelled.map(([file]) => file), labels: Int32Array.from(labelled, ([, label]) => label) };
}

async function readFolder(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new BitwrightError(
      'FILE_NOT_FOUND',
      { message: 'no such folder', where: folder, next: 'Check the path.' },
      { cause },
    );
  }
}

/** Opens the images `files` of `folder`. All must come out in one size; the first one decides. */
export async function openImages(
  folder: string,
  files: readonly string[],
  options: ImageOptions,
): Promise<SampleSource> {
  const escaping = files.find((file) => !isSafeRelativePath(file));
  if (escaping !== undefined)
    throw new BitwrightError('DATASET_INVALID', {
      message: 'image path leaves its folder',
      where: folder,
      seen: escaping,
    });
  if (files.length === 0) throw new BitwrightError('DATASET_INVALID', { message: 'lists no images', where: folder });
  const first = await decode(join(folder, files[0]!), options);
  const shape = [first.height, first.width, first.channels];
  const elements = first.pixels.length;
  const read: SampleSource['read'] = async (start, count) => {
    const batch = new Uint8Array(count * elements);
    const one = async (index: number): Promise<void> => {
      const path = join(folder, files[start + index]!);
      const image = await decode(path, options);
      if (image.height !== shape[0] || image.width !== shape[1]) {
        throw new BitwrightError('DATASET_INVALID', {
          message: 'image is of another size than the first',
          where: path,
          seen: `${image.width}x${image.height}`,
          allowed: `${shape[1]}x${shape[0]}`,
          next: 'Give "resize" and "centerCrop".',
        });
      }
      batch.set(image.pixels, index * elements);
    };
    for (let at = 0; at < count; at += decodersMax)
      await Promise.all(Array.from({ length: Math.min(decodersMax, count - at) }, (_, index) => one(at + index)));
    return batch;
  };
  return { samples: files.length, shape, dtype: 'uint8', layout: 'NHWC', read };
}

interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
}

async function decode(path: string, options: ImageOptions): Promise<Image> {
  const { default: sharp } = await import('sharp');
  const grey = options.channels === 'GRAY';
  try {
    let image = sharp(path, { limitInputPixels: pixelsMax, failOn: 'error' })
      .rotate()
      .removeAlpha()
      .toColourspace(grey ? 'b-w' : 'srgb');
    if (options.resize !== undefined) image = image.resize(options.resize, options.resize, { fit: 'outside' });
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    return cropCenter(
      { height: info.height, width: info.width, channels: info.channels, pixels: data },
      options.centerCrop,
      path,
    );
  } catch (cause) {
    if (cause instanceof BitwrightError) throw cause;
    throw new BitwrightError(
      'DATASET_INVALID',
      { message: 'is no readable image', where: path, seen: (cause as Error).message },
      { cause },
    );
  }
}

/** Cuts a square from the middle, rounding the corner down. */
function cropCenter(image: Image, side: number | undefined, path: string): Image {
  if (side === undefined) return image;
  if (side > image.height || side > image.width) {
    throw new BitwrightError('DATASET_INVALID', {
      message: 'image is smaller than the crop',
      where: path,
      seen: `${image.width}x${image.height}`,
      allowed: `${side}x${side}`,
      next: 'Give "resize".',
    });
  }
  const top = Math.floor((image.height - side) / 2);
  const left = Math.floor((image.width - side) / 2);
  const row = side * image.channels;
  const pixels = new Uint8Array(side * row);
  for (let y = 0; y < side; y++) {
    const source = ((top + y) * image.width + left) * image.channels;
    pixels.set(image.pixels.subarray(source, source + row), y * row);
  }
  return { height: side, width: side, channels: image.channels, pixels };
}
