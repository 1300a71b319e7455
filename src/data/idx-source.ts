/** Samples of an IDX file, the format of MNIST: magic 0 0 type rank, big-endian sizes, data. Unsigned bytes only. */
import { BitwrightError } from '../base/errors.ts';
import { elementCount } from '../base/tensor.ts';
import { readPart, withFile } from './data-file.ts';
import type { SampleSource } from './sample-source.ts';

const unsignedByte = 8;
const rankMax = 4;

export async function openIdx(path: string): Promise<SampleSource> {
  const refuse = (message: string, seen: string | number, allowed: string | number): never => {
    throw new BitwrightError('FILE_INVALID', { message, where: path, seen, allowed });
  };
  return withFile(path, async (file, bytes) => {
    if (bytes < 8) refuse('is no IDX file', `${bytes} bytes`, 'a header');
    const head = await readPart(file, path, 0, Math.min(bytes, 4 + 4 * rankMax));
    const [zero0, zero1, type, rank] = head as unknown as [number, number, number, number];
    if (zero0 !== 0 || zero1 !== 0 || type !== unsignedByte)
      refuse('is no IDX file of unsigned bytes', `${zero0} ${zero1} ${type}`, `0 0 ${unsignedByte}`);
    if (rank < 1 || rank > rankMax || bytes < 4 + 4 * rank) refuse('IDX rank', rank, `1 to ${rankMax}`);
    const view = new DataView(head.buffer);
    const [samples, ...shape] = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
    const start = 4 + 4 * rank;
    const elements = elementCount(shape);
    if (bytes !== start + samples! * elements)
      refuse('IDX data does not fit its sizes', `${bytes} bytes`, `${start + samples! * elements} bytes`);
    const read: SampleSource['read'] = (first, count) =>
      withFile(path, (opened) => readPart(opened, path, start + first * elements, count * elements));
    return { samples: samples!, shape, dtype: 'uint8', layout: shape.length === 2 ? 'HW' : null, read };
  });
}
