/**
 * Writes OUT/ whole or not at all: into a temporary sibling first, which takes the place of the old folder at the end. A folder that
 * bitwright did not make is refused; with --force its files are left where they are and only ours are put beside them.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BitwrightError } from '../base/errors.ts';
import type { CliContext } from './context.ts';

export type OutFiles = ReadonlyMap<string, Uint8Array | string>;

type Occupant = 'nothing' | 'ours' | 'foreign';

/** Refuses early what could not be written at the end of a long run. */
export function checkOutFolder(folder: string, force: boolean): void {
  const path = resolve(folder);
  if (existsSync(path) && !statSync(path).isDirectory()) {
    throw new BitwrightError('OUTPUT_EXISTS', {
      message: 'is a file, not a folder',
      where: folder,
      next: 'Choose another -o.',
    });
  }
  if (occupantOf(path) === 'foreign' && !force) {
    throw new BitwrightError('OUTPUT_EXISTS', {
      message: 'holds files that bitwright did not make',
      where: folder,
      next: 'Choose another -o, or add --force to put the package beside them.',
    });
  }
}

/** Writes the files as one step. What was ours before is gone afterwards; a failure leaves everything as it was. */
export function writeOutFolder(
  context: Pick<CliContext, 'onInterrupt'>,
  folder: string,
  files: OutFiles,
  force: boolean,
): void {
  checkOutFolder(folder, force);
  const path = resolve(folder);
  mkdirSync(dirname(path), { recursive: true });
  const temporary = mkdtempSync(join(dirname(path), `.${basename(path)}-`));
  chmodSync(temporary, 0o777 & ~process.umask());
  const discard = (): void => rmSync(temporary, { recursive: true, force: true });
  const forget = context.onInterrupt(discard);
  try {
    for (const [name, content] of files) writeFileSync(join(temporary, name), content);
    const occupant = occupantOf(path);
    if (occupant === 'foreign') {
      for (const name of files.keys()) renameSync(join(temporary, name), join(path, name));
    } else {
      replaceFolder(path, temporary);
    }
  } finally {
    discard();
    forget();
  }
}

function replaceFolder(path: string, temporary: string): void {
  if (!existsSync(path)) {
    renameSync(temporary, path);
    return;
  }
  const old = `${temporary}-old`;
  renameSync(path, old);
  renameSync(temporary, path);
  rmSync(old, { recursive: true, force: true });
}

function occupantOf(path: string): Occupant {
  if (!existsSync(path)) return 'nothing';
  const names = readdirSync(path);
  if (names.length === 0) return 'nothing';
  if (!names.includes('manifest.json')) return 'foreign';
  return readFileSync(join(path, 'manifest.json'), 'utf8').includes('"bitwright-package/')
    ? ownsAll(path, names)
    : 'foreign';
}

/** Files that a validation adds to a package later. */
const laterFiles = ['manifest.json', 'report.html', 'verdict.json'];

/** A package folder with a stranger's file in it is not ours to replace; a package inside it is ours like itself. */
function ownsAll(path: string, names: readonly string[]): Occupant {
  try {
    const { files } = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as {
      files: Record<string, unknown>;
    };
    const isOurs = (name: string): boolean =>
      laterFiles.includes(name) || Object.hasOwn(files, name) || isOwnFolder(join(path, name));
    return names.every(isOurs) ? 'ours' : 'foreign';
  } catch {
    return 'foreign';
  }
}

function isOwnFolder(path: string): boolean {
  return statSync(path).isDirectory() && occupantOf(path) === 'ours';
}
