/** Bad input of every kind through the built command line: its own error, its exit code, and no half-written OUT/. */
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { writeNpy } from '../../../src/base/npy.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import { createOnnxBuilder } from '../../../src/onnx/onnx-builder.ts';
import { runCli } from './run-cli.ts';
import { writeSmallPackage } from './small-package.ts';

// Every run is a process of its own, and CI machines are busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let root = '';
const at = (name: string): string => join(root, name);

function unsupportedModel(): Uint8Array {
  const b = createOnnxBuilder();
  b.input('x', 'float32', ['N', 4]);
  b.node('Erfinv', ['x'], ['a'], { name: 'first-odd' });
  b.node('Relu', ['a'], ['b'], { name: 'fine' });
  b.node('STFT', ['b'], ['y'], { name: 'second-odd' });
  b.output('y', 'float32', ['N', 4]);
  return b.finish({ opset: 17, name: 'odd' });
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-bad-'));
  writeFileSync(at('text.onnx'), 'this is no model');
  writeFileSync(at('odd.onnx'), unsupportedModel());
  writeFileSync(at('wide.npy'), writeNpy(floatTensor([4, 1, 30, 30])));
  writeFileSync(at('fit.npy'), writeNpy(floatTensor([4, 3, 7, 5])));
  writeFileSync(at('typo.json'), '{"schema": "bitwright-dataset/1", "inputs": [{"npy": "wide.npy", "lay": "HW"}]}');
  await writeSmallPackage(at('package'));
  await writeSmallPackage(at('truncated'));
  truncateSync(join(at('truncated'), 'program.bin'), 128);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const demo = 'models/demo-mnist.onnx';
const quantize = (model: string, data: string, target = 'rp2040-pico'): string[] => [
  'quantize',
  model,
  '--target',
  target,
  '--data',
  data,
  '-o',
  at('OUT'),
];
const validate = (folder: string, device: string, data = 'fit.npy'): string[] => [
  'validate',
  at(folder),
  '--device',
  device,
  '--data',
  at(data),
];

test.each<[string, () => string[], number, string, RegExp]>([
  ['a missing model', () => quantize(at('no.onnx'), demo), 2, 'FILE_NOT_FOUND', /no\.onnx: does not exist/],
  ['a text file as model', () => quantize(at('text.onnx'), demo), 3, 'MODEL_INVALID', /text\.onnx/],
  ['a folder as model', () => quantize(root, demo), 2, 'FILE_INVALID', /EISDIR/],
  ['unsupported operators', () => quantize(at('odd.onnx'), demo), 3, 'MODEL_UNSUPPORTED', /first-odd[\s\S]*second-odd/],
  ['a missing data set', () => quantize(demo, at('no.json')), 2, 'FILE_NOT_FOUND', /no\.json/],
  ['samples of another shape', () => quantize(demo, at('wide.npy')), 2, 'DATASET_MISMATCH', /30,30.*28,28/],
  ['a misspelt key', () => quantize(demo, at('typo.json')), 2, 'DATASET_INVALID', /lay/],
  ['an unknown target', () => quantize(demo, at('wide.npy'), 'pico'), 3, 'TARGET_UNKNOWN', /seen pico.*rp2040-pico/],
  ['an unknown device', () => validate('package', 'toaster'), 4, 'DEVICE_UNKNOWN', /simulator/],
  ['a truncated program.bin', () => validate('truncated', 'simulator'), 2, 'ARTIFACT_INVALID', /program\.bin/],
  ['data of another shape', () => validate('package', 'simulator', 'wide.npy'), 2, 'DATASET_MISMATCH', /30,30/],
  [
    'a serial port that does not exist',
    () => ['bench', at('package'), '--device', 'serial:/dev/no-such-port'],
    4,
    'DEVICE_UNAVAILABLE',
    /no-such-port/,
  ],
])('%s', (_, argv, exitCode, code, message) => {
  const before = readdirSync(root).sort();
  const { status, stdout, stderr } = runCli(argv());
  expect(stderr).toMatch(message);
  expect(stderr).toContain(`(${code}, exit code ${exitCode})`);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect([status, stdout]).toEqual([exitCode, '']);
  expect(readdirSync(root).sort()).toEqual(before);
});

test('a missing QEMU', () => {
  const { status, stderr } = runCli(['bench', at('package'), '--device', 'qemu:mps2-an386'], { PATH: root });
  expect(status).toBe(4);
  expect(stderr).toMatch(/DEVICE_UNAVAILABLE/);
  expect(stderr).toMatch(/qemu-system-arm/);
});

test('a foreign output folder is refused before any work', () => {
  const { status, stderr } = runCli([...quantize(demo, 'models/demo-calibration.json').slice(0, -1), root]);
  expect([status, existsSync(at('program.bin'))]).toEqual([2, false]);
  expect(stderr).toContain('OUTPUT_EXISTS');
});

test('a run that breaks still leaves its JUnit file, as an error', () => {
  const junit = at('junit.xml');
  expect(runCli([...validate('package', 'toaster'), '--junit', junit]).status).toBe(4);
  expect(existsSync(junit)).toBe(true);
  rmSync(junit);
});
