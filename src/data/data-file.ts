/** Files of a data set: finding them relative to the manifest or inside an npm package, reading parts of them, and their errors. */
import { type FileHandle, open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { BitwrightError } from '../base/errors.ts';

const packagePrefix = 'package:';

/** `package:NAME/PATH` is a file of an installed npm package; anything else is relative to `folder`. Throws FILE_NOT_FOUND. */
export function locateFile(path: string, folder: string): string {
  if (!path.startsWith(packagePrefix)) return resolve(folder, path);
  const name = path.slice(packagePrefix.length);
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new BitwrightError(
      'FILE_NOT_FOUND',
      { message: 'no such file in an installed package', where: name, next: 'Run npm install.' },
      { cause },
    );
  }
}

export function folderOf(path: string): string {
  return dirname(resolve(path));
}

/** Opens a file, hands it to `use` and closes it. Throws FILE_NOT_FOUND, or FILE_INVALID for a folder. */
export async function withFile<T>(path: string, use: (file: FileHandle, bytes: number) => Promise<T>): Promise<T> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw new BitwrightError(
      'FILE_NOT_FOUND',
      {
        message: 'cannot be opened',
        where: path,
        seen: (cause as NodeJS.ErrnoException).code ?? 'unknown',
        next: 'Check the path.',
      },
      { cause },
    );
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new BitwrightError('FILE_INVALID', { message: 'is no regular file', where: path });
    return await use(file, stat.size);
  } finally {
    await file.close();
  }
}

/** Reads bytes [start, start + count) of an open file; throws FILE_INVALID where it ends earlier. */
export async function readPart(
  file: FileHandle,
  path: string,
  start: number,
  count: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  let done = 0;
  while (done < count) {
    const { bytesRead } = await file.read(bytes, done, count - done, start + done);
    if (bytesRead === 0)
      throw new BitwrightError('FILE_INVALID', {
        message: 'ends too early',
        where: path,
        seen: `${start + done} bytes`,
        allowed: `${start + count} bytes`,
      });
    done += bytesRead;
  }
  return bytes;
}

/** Largest file that is read whole. */
const wholeFileBytesMax = 2 ** 31 - 1;

export async function readWhole(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return withFile(path, (file, bytes) => {
    if (bytes > wholeFileBytesMax)
      throw new BitwrightError('FILE_INVALID', {
        message: 'is too large',
        where: path,
        seen: `${bytes} bytes`,
        allowed: `${wholeFileBytesMax} bytes`,
      });
    return readPart(file, path, 0, bytes);
  });
}
