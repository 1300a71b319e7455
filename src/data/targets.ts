/** Loads targets from folders of JSON files: the package's own `targets/` and any that the user names. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Target, validateTarget } from '../arithmetic/target.ts';
import { BitwrightError } from '../base/errors.ts';

/** The targets that ship with bitwright; the same relative path from src/data and dist/data. */
export const ownTargetsFolder = fileURLToPath(new URL('../../targets', import.meta.url));

const fileBytesMax = 65536;

/**
 * The target `id` from the folders, later ones first, so that a user's file wins over a shipped one of the same name. Throws
 * TARGET_UNKNOWN listing the known ids, TARGET_INVALID for a file that breaks the schema, FILE_NOT_FOUND for a missing folder.
 */
export async function loadTarget(id: string, folders: readonly string[] = []): Promise<Target> {
  const files = await targetFiles(folders);
  const path = files.get(id);
  if (path !== undefined) return readTarget(path);
  throw new BitwrightError('TARGET_UNKNOWN', {
    message: 'unknown target',
    seen: id,
    allowed: [...files.keys()].sort().join(', '),
    next: 'A new target is one JSON file in a folder given with --targets.',
  });
}

/** Every target of the folders, by id. Throws as `loadTarget`. */
export async function loadTargets(folders: readonly string[] = []): Promise<Target[]> {
  const files = await targetFiles(folders);
  return Promise.all([...files.keys()].sort().map((id) => readTarget(files.get(id)!)));
}

/** Path by id (the file name); a later folder replaces an earlier one's file. */
async function targetFiles(folders: readonly string[]): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const folder of [ownTargetsFolder, ...folders]) {
    for (const name of await listFolder(folder)) {
      if (name.endsWith('.json')) files.set(basename(name, '.json'), join(folder, name));
    }
  }
  return files;
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new BitwrightError(
      'FILE_NOT_FOUND',
      { message: 'the folder of targets cannot be read', where: folder, next: 'Check --targets.' },
      { cause },
    );
  }
}

async function readTarget(path: string): Promise<Target> {
  const text = await readFile(path, 'utf8');
  const broken = (message: string): BitwrightError => new BitwrightError('TARGET_INVALID', { message, where: path });
  if (text.length > fileBytesMax) throw broken('is too large for a target');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BitwrightError('TARGET_INVALID', { message: `is no JSON: ${String(cause)}`, where: path }, { cause });
  }
  const target = validateTarget(value, path);
  if (target.id !== basename(path, '.json'))
    throw broken(`holds the target '${target.id}'; id and file name must agree`);
  return target;
}
