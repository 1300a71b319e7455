/** The files that the tidy tests look at: everything that git tracks or would track, so that build outputs play no part. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const root = new URL('../../../', import.meta.url).pathname;
const skipped = new Set(['node_modules', 'dist', '.git', 'out', 'OUT', '.cache', 'coverage']);

/** Paths relative to the repository, with forward slashes. */
export function repositoryFiles(): string[] {
  try {
    const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root });
    return listed
      .toString()
      .split('\0')
      .filter((path) => path !== '' && existsSync(join(root, path)));
  } catch {
    return walk(root).map((path) => relative(root, path).split(sep).join('/'));
  }
}

export function readSource(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** A checkout without git, e.g. an unpacked archive. */
function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    if (skipped.has(name)) return [];
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : [path];
  });
}
