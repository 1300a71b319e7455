/** Reads OUT/ back: every file that is used must have the hash of the manifest, and the parts must agree with each other. */
import { join } from 'node:path';
import { getProfile } from '../../arithmetic/registry.ts';
import { BitwrightError, IssueList } from '../../base/errors.ts';
import { sha256Hex } from '../../base/sha256.ts';
import type { IntegerProgram } from '../../graph/integer-program.ts';
import { type Manifest, parseManifest } from '../../package/manifest.ts';
import type { Tables } from '../../package/tables.ts';
import { unpack } from '../../package/unpack.ts';
import type { Subject } from '../../validate/validate.ts';
import { readUserFile, readUserText } from './read-file.ts';

export interface LoadedPackage {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly tables: Tables;
  /** program.bin as it is pushed. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same program with the names and scales of the tables. */
  readonly program: IntegerProgram;
  readonly subject: Subject;
}

const makeAgain = 'Make the package again with `bitwright quantize`.';

export async function loadPackage(folder: string): Promise<LoadedPackage> {
  const manifestPath = join(folder, 'manifest.json');
  const manifest = parseManifest(
    await readUserText(manifestPath, 'Give the folder that `quantize -o` wrote.'),
    manifestPath,
  );
  const bytes = await readPackageFile(folder, manifest, 'program.bin');
  const tables = JSON.parse(new TextDecoder().decode(await readPackageFile(folder, manifest, 'tables.json'))) as Tables;
  const bare = unpack(bytes);
  requireAgreement(manifest, tables, bare, manifestPath);
  const program = named(bare, tables, manifest);
  const operations = program.operations.map(({ name, kernel, inputs, output }) => ({ name, kernel, inputs, output }));
  return {
    folder,
    manifest,
    tables,
    bytes,
    program,
    subject: { program: bytes, profile: program.profile, arenaBytes: program.arenaBytes, operations },
  };
}

/** One file of the package; ARTIFACT_INVALID where it is not the one that the manifest was written for. */
export async function readPackageFile(
  folder: string,
  manifest: Manifest,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(folder, name);
  const entry = manifest.files[name];
  if (entry === undefined) {
    throw new BitwrightError('ARTIFACT_INVALID', {
      message: `the package has no ${name}`,
      where: folder,
      next: makeAgain,
    });
  }
  const bytes = await readUserFile(path, makeAgain);
  const sha256 = await sha256Hex(bytes);
  if (sha256 !== entry.sha256) {
    throw new BitwrightError('ARTIFACT_INVALID', {
      message: 'is not the file that the manifest describes: its SHA-256 differs',
      where: path,
      seen: `${sha256.slice(0, 12)}..., ${bytes.length} bytes`,
      allowed: `${String(entry.sha256).slice(0, 12)}..., ${entry.bytes} bytes`,
      next: makeAgain,
    });
  }
  return bytes;
}

function requireAgreement(manifest: Manifest, tables: Tables, program: IntegerProgram, where: string): void {
  const issues = new IssueList('ARTIFACT_INVALID');
  const compare = (what: string, seen: string | number, allowed: string | number): void => {
    if (seen !== allowed)
      issues.add({ message: `${what} differs from program.bin`, where, seen, allowed, next: makeAgain });
  };
  compare('the profile', String(manifest.profile.id), program.profile);
  compare('the number of operations', manifest.operations.length, program.operations.length);
  compare('the number of inputs', manifest.inputs.length, program.inputs.length);
  compare('the number of outputs', manifest.outputs.length, program.outputs.length);
  compare('the number of tensors in tables.json', tables.activations.length, program.tensors.length);
  compare('the arena', manifest.memory.arenaBytes, program.arenaBytes);
  issues.throwIfAny();
  getProfile(program.profile);
}

/** The blob has neither names nor scales; the tables, in the same order, have both. */
function named(program: IntegerProgram, tables: Tables, manifest: Manifest): IntegerProgram {
  return {
    ...program,
    tensors: program.tensors.map((tensor, index) => {
      const { name, scale, qMin, qMax } = tables.activations[index]!;
      return { ...tensor, name, scale, qMin, qMax };
    }),
    operations: program.operations.map((operation, index) => ({
      ...operation,
      name: manifest.operations[index]!.name,
    })),
  };
}
