/** .npz archives: a zip of .npy files, read with a limit on the unpacked size, written stored or deflated. */
import { unzipSync, zipSync } from 'fflate';
import { BitwrightError } from './errors.ts';
import { readNpy, writeNpy } from './npy.ts';
import type { Tensor } from './tensor.ts';

/** Most bytes that an archive may unpack to. */
export const npzBytesMax = 4 * 2 ** 30;
const entriesMax = 65535;

/** Reads every array of a .npz; names come without `.npy`. `where` names the file in errors. Throws FILE_INVALID. */
export function readNpz(bytes: Uint8Array, where: string): Map<string, Tensor> {
  let totalBytes = 0;
  let entries = 0;
  const refuse = (message: string, seen: string, allowed: string): never => {
    throw new BitwrightError('FILE_INVALID', {
      message,
      where,
      seen,
      allowed,
      next: 'Write the file with numpy.savez().',
    });
  };
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter: (file) => {
        totalBytes += file.originalSize;
        entries++;
        if (totalBytes > npzBytesMax)
          refuse('.npz unpacks to too much data', `${totalBytes} bytes`, `${npzBytesMax} bytes`);
        if (entries > entriesMax) refuse('.npz holds too many arrays', `${entries}`, `${entriesMax}`);
        return file.name.endsWith('.npy');
      },
    });
  } catch (cause) {
    if (cause instanceof BitwrightError) throw cause;
    return refuse('is no readable .npz archive', String((cause as Error).message), 'a zip of .npy files');
  }
  return new Map(Object.entries(files).map(([name, data]) => [name.slice(0, -4), readNpy(data, `${where}:${name}`)]));
}

/** Writes arrays as a .npz. The time stamps are fixed so that equal arrays give equal bytes. */
export function writeNpz(
  arrays: ReadonlyMap<string, Tensor>,
  options: { compress?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const files: Record<string, Uint8Array> = {};
  for (const [name, tensor] of arrays) files[`${name}.npy`] = writeNpy(tensor);
  // Local time, the zip epoch: fflate reads the local fields of the date, so the bytes do not depend on the time zone.
  return zipSync(files, {
    level: options.compress === false ? 0 : 6,
    mtime: new Date(1980, 0, 1),
  }) as Uint8Array<ArrayBuffer>;
}
