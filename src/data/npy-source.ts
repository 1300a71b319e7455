/** Samples of a .npy file, read slice by slice, and of one array of a .npz, held in memory. The first axis is the sample. */
import { BitwrightError } from '../base/errors.ts';
import { decodeNpyElements, parseNpyHeader } from '../base/npy.ts';
import { readNpz } from '../base/npz.ts';
import { elementCount, type Tensor } from '../base/tensor.ts';
import { readPart, readWhole, withFile } from './data-file.ts';
import type { SampleSource } from './sample-source.ts';

const headerProbeBytes = 65536 + 12;

export async function openNpy(path: string): Promise<SampleSource> {
  return withFile(path, async (file, bytes) => {
    const header = parseNpyHeader(await readPart(file, path, 0, Math.min(bytes, headerProbeBytes)), path);
    const expected = header.dataOffsetBytes + elementCount(header.shape) * header.itemBytes;
    if (bytes !== expected)
      throw new BitwrightError('FILE_INVALID', {
        message: '.npy data does not fit its shape',
        where: path,
        seen: `${bytes} bytes`,
        allowed: `${expected} bytes`,
      });
    const [samples, ...shape] = firstAxis(header.shape, path);
    const elements = elementCount(shape);
    const read: SampleSource['read'] = (start, count) =>
      withFile(path, async (opened) => {
        const at = header.dataOffsetBytes + start * elements * header.itemBytes;
        return decodeNpyElements(
          header,
          await readPart(opened, path, at, count * elements * header.itemBytes),
          count * elements,
        );
      });
    return { samples: samples!, shape, dtype: header.dtype, layout: null, read };
  });
}

export async function openNpz(path: string, name?: string): Promise<SampleSource> {
  const arrays = readNpz(await readWhole(path), path);
  const chosen = name ?? (arrays.size === 1 ? [...arrays.keys()][0]! : '');
  const tensor = arrays.get(chosen);
  if (tensor === undefined) {
    throw new BitwrightError('DATASET_INVALID', {
      message: name === undefined ? 'holds several arrays' : 'has no such array',
      where: path,
      seen: chosen,
      allowed: [...arrays.keys()].join(', '),
      next: 'Name one with "array".',
    });
  }
  return tensorSource(tensor, `${path}:${chosen}`);
}

export function tensorSource(tensor: Tensor, where: string): SampleSource {
  const [samples, ...shape] = firstAxis(tensor.shape, where);
  const elements = elementCount(shape);
  const read: SampleSource['read'] = async (start, count) =>
    tensor.data.slice(start * elements, (start + count) * elements);
  return { samples: samples!, shape, dtype: tensor.dtype, layout: null, read };
}

function firstAxis(shape: readonly number[], where: string): readonly number[] {
  if (shape.length === 0)
    throw new BitwrightError('DATASET_INVALID', { message: 'has no sample axis', where, seen: 'a scalar' });
  return shape;
}
