/** Reading OUT/ back: what was written comes back whole, and every way of damaging it is noticed. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BitwrightError } from '../../../src/base/errors.ts';
import { loadPackage, readPackageFile } from '../../../src/cli/steps/load-package.ts';
import { writeSmallPackage } from './small-package.ts';

let folder = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bitwright-package-'));
  await writeSmallPackage(folder);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function failure(): Promise<BitwrightError> {
  try {
    await loadPackage(folder);
  } catch (error) {
    if (error instanceof BitwrightError) return error;
    throw error;
  }
  throw new Error('the package was accepted');
}

function editManifest(edit: (manifest: Record<string, Record<string, unknown>>) => void): void {
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, unknown>>;
  edit(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

test('names and scales come back, and the layers are those of the network', async () => {
  const { program, subject, manifest } = await loadPackage(folder);
  expect(subject.operations.map(({ name, kernel }) => `${name}:${kernel}`)).toEqual([
    'stem:conv',
    'spatial:depthwise-conv',
    'mix:conv',
    'join:add',
    'shrink:max-pool',
    'mean:global-average-pool',
    'dense:fully-connected',
    'soft:softmax',
  ]);
  expect(program.tensors[program.outputs[0]!]).toMatchObject({ name: 'soft.out', scale: 1 / 256, zeroPoint: -128 });
  expect(program.arenaBytes).toBe(manifest.memory.arenaBytes);
});

test('a folder that is no package', async () => {
  rmSync(join(folder, 'manifest.json'));
  expect(await failure()).toMatchObject({ code: 'FILE_NOT_FOUND' });
});

test('a truncated program.bin', async () => {
  truncateSync(join(folder, 'program.bin'), 100);
  expect(await failure()).toMatchObject({ code: 'ARTIFACT_INVALID', message: expect.stringContaining('SHA-256') });
});

test('a truncated program.bin whose hash the manifest was made to fit', async () => {
  const bytes = readFileSync(join(folder, 'program.bin')).subarray(0, 100);
  writeFileSync(join(folder, 'program.bin'), bytes);
  const { createHash } = await import('node:crypto');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  editManifest(({ files }) => {
    files!['program.bin'] = { bytes: 100, sha256 };
  });
  expect(await failure()).toMatchObject({ code: 'ARTIFACT_INVALID', message: expect.stringContaining('program.bin') });
});

test.each<[string, (manifest: Record<string, Record<string, unknown>>) => void, RegExp]>([
  ['another profile', ({ profile }) => Object.assign(profile!, { id: 'onnxruntime' }), /profile differs/],
  ['too few operations', (manifest) => Object.assign(manifest, { operations: [] }), /number of operations differs/],
  ['another arena', ({ memory }) => Object.assign(memory!, { arenaBytes: 1 }), /arena differs/],
  ['no program', ({ files }) => delete files!['program.bin'], /has no program\.bin/],
  ['another schema', (manifest) => Object.assign(manifest, { schema: 'bitwright-package/9' }), /package\/9/],
  ['no ports', (manifest) => delete manifest.inputs, /inputs/],
])('a manifest with %s', async (_, edit, message) => {
  editManifest(edit);
  const error = await failure();
  expect(error.code).toBe('ARTIFACT_INVALID');
  expect(error.message).toMatch(message);
});

test('a manifest that is no JSON', async () => {
  writeFileSync(join(folder, 'manifest.json'), '{');
  expect(await failure()).toMatchObject({ code: 'ARTIFACT_INVALID' });
});

test('a file that the package does not have', async () => {
  const { manifest } = await loadPackage(folder);
  await expect(readPackageFile(folder, manifest, 'model.onnx')).rejects.toThrow(/has no model\.onnx/);
});
