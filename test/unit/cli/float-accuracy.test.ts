/** The float model of a package is used only where it is the one that the package was made from. */

import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createContext } from '../../../src/cli/context.ts';
import { floatAccuracy, modelPathOption } from '../../../src/cli/steps/float-accuracy.ts';
import type { LoadedPackage } from '../../../src/cli/steps/load-package.ts';
import { loadDataset } from '../../../src/data/load-dataset.ts';
import { repository } from './run-cli.ts';

const model = join(repository, 'models', 'demo-mnist.onnx');
const sha256 = createHash('sha256').update(readFileSync(model)).digest('hex');
let root = '';
const said: string[] = [];
const stream = { write: (text: string) => said.push(text) > 0 } as unknown as typeof process.stdout;
const context = createContext(
  { json: false, quiet: true },
  { out: stream, err: stream as unknown as typeof process.stderr },
);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-float-'));
  copyFileSync(model, join(root, 'model.onnx'));
  writeFileSync(join(root, 'other.onnx'), 'another model');
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function packageOf(noted: string): LoadedPackage {
  const manifest = { model: { name: 'x', sha256 }, options: { [modelPathOption]: noted } };
  return { folder: join(root, 'OUT'), manifest } as unknown as LoadedPackage;
}

const test50 = async (noted: string, path?: string): Promise<number | null> =>
  floatAccuracy(context, packageOf(noted), await loadDataset(join(repository, 'models', 'demo-test.json')), 50, path);

test('the noted model is found from the folder of the package', async () => {
  expect(await test50('../model.onnx')).toBeGreaterThan(0.97);
});

test('a model that has moved leaves the accuracy out, and --model brings it back', async () => {
  expect(await test50('../gone.onnx')).toBeNull();
  expect(await test50('../gone.onnx', join(root, 'model.onnx'))).toBeGreaterThan(0.97);
});

test('a file with another hash is never used', async () => {
  said.length = 0;
  expect(await test50('../other.onnx')).toBeNull();
  expect(said.join('')).toContain('not the one');
});

test('a --model that does not exist is an error', async () => {
  await expect(test50('../model.onnx', join(root, 'no.onnx'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
});
