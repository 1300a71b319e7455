/** Reads a file that the user named, with an error that says which one and what to do. */
import { readFile } from 'node:fs/promises';
import { BitwrightError } from '../../base/errors.ts';

export async function readUserFile(path: string, next: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const missing = code === 'ENOENT';
    throw new BitwrightError(
      missing ? 'FILE_NOT_FOUND' : 'FILE_INVALID',
      { message: missing ? 'does not exist' : `cannot be read (${code ?? String(cause)})`, where: path, next },
      { cause },
    );
  }
}

export async function readUserText(path: string, next: string): Promise<string> {
  return new TextDecoder().decode(await readUserFile(path, next));
}
