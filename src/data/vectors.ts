/** Loads folders of operator vectors. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BitwrightError, IssueList } from '../base/errors.ts';
import type { OperatorVector } from './operator-vector.ts';
import { parseVector } from './parse-vector.ts';

const fileBytesMax = 64 * 2 ** 20;

/** All vectors of a folder (files *.json, subfolders not included), sorted by name. Throws VECTORS_INVALID with all problems, or FILE_NOT_FOUND. */
export async function loadVectors(folder: string): Promise<OperatorVector[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new BitwrightError(
      'FILE_NOT_FOUND',
      { message: 'the folder of vectors cannot be read', where: folder, next: 'Check --vectors.' },
      { cause },
    );
  });
  const files = names.filter((name) => name.endsWith('.json')).sort();
  const issues = new IssueList('VECTORS_INVALID');
  if (files.length === 0)
    issues.add({ message: 'holds no vectors', where: folder, allowed: 'at least one .json file' });
  const vectors: OperatorVector[] = [];
  for (const name of files) {
    const path = join(folder, name);
    if ((await stat(path)).size > fileBytesMax) {
      issues.add({ message: 'is too large', where: path, allowed: `${fileBytesMax} bytes` });
      continue;
    }
    const vector = parseVector(await readFile(path, 'utf8'), path, issues);
    if (vector !== undefined) vectors.push(vector);
  }
  issues.throwIfAny();
  return vectors;
}
