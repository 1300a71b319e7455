/** `bitwright compile` as a process: a model that bitwright exported comes back as the same program, and what is wrong is said at once. */
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { writeNpy } from '../../../src/base/npy.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import { tensorElements } from '../../../src/graph/integer-program.ts';
import { decodeModel, encodeModel } from '../../../src/onnx/model-proto.ts';
import { unpack } from '../../../src/package/unpack.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import type { Verdict } from '../../../src/validate/verdict.ts';
import { runCli, runJson } from './run-cli.ts';

// Every run is a process of its own, and CI machines are busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const demo = 'models/demo-mnist.onnx';
const seed = Date.now() % 100000;
let root = '';
const at = (...names: string[]): string => join(root, ...names);
const quantizedModel = (): string => at('Q', 'model.onnx');
const compile = (model: string, out: string, target = 'onnxruntime'): string[] => [
  'compile',
  model,
  '--target',
  target,
  '-o',
  at(out),
];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-compile-'));
  const argv = ['quantize', demo, '--target', 'onnxruntime', '--data', 'models/demo-calibration.json', '-o', at('Q')];
  const { status } = runJson([...argv, '--method', 'mmse', '--weights', '4', '--samples', '32']);
  expect(status).toBe(0);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test(`the exported model of a package compiles to a program with the same outputs (seed ${seed})`, () => {
  const { status, document } = runJson<Record<string, unknown>>(compile(quantizedModel(), 'C'));
  expect(status).toBe(0);
  expect(document).toMatchObject({
    schemaVersion: 1,
    target: 'onnxruntime',
    bits: { weights: { 4: 8, 8: 2 } },
    golden: { source: 'random codes', samples: 4, seed: 1 },
    accuracy: { metric: 'none', float: null, quantized: null },
  });
  const [before, after] = ['Q', 'C'].map((folder) => unpack(readFileSync(at(folder, 'program.bin'))));
  const random = seededRandom(seed);
  const [input] = before!.inputs.map((index) => before!.tensors[index]!);
  for (let sample = 0; sample < 20; sample++) {
    const codes = Int8Array.from({ length: tensorElements(input!) }, () => random.integer(-128, 127));
    const [expected] = runReference(before!, [codes]);
    expect([...runReference(after!, [codes])[0]!]).toEqual([...expected!]);
  }
});

test('a compiled package is one like any other: validated, exported, reported', () => {
  const data = ['--data', 'models/demo-test.json'];
  const made = runJson<{ accuracy: { float: number; quantized: number }; golden: object }>([
    ...compile(quantizedModel(), 'D'),
    ...data,
    '--samples',
    '200',
  ]);
  expect(made.document.golden).toEqual({ source: 'data', samples: 200, seed: null });
  expect(made.document.accuracy.quantized).toBeGreaterThan(0.95);
  expect(made.document.accuracy.quantized).toBe(made.document.accuracy.float);
  const { status, document } = runJson<Verdict>([
    ...['validate', at('D'), '--device', 'onnxruntime-node', ...data, '--limit', '50'],
    ...['--max-accuracy-drop', '0'],
  ]);
  expect(status).toBe(0);
  expect(document).toMatchObject({ outcome: 'pass', mismatches: 0, model: { quantized: true } });
  expect(runCli(['export', at('D'), '--format', 'onnx', '-o', at('again.onnx')]).status).toBe(0);
  expect(runCli(['report', at('D')]).status).toBe(0);
  expect(readFileSync(at('D', 'report.html'), 'utf8')).toContain('in ONNX Runtime');
});

test('the same command gives the same package, byte for byte, and a board runs it', () => {
  for (const folder of ['E', 'F']) runJson(compile(quantizedModel(), folder, 'rp2040-pico'));
  for (const name of ['program.bin', 'golden.npz', 'manifest.json'])
    expect(readFileSync(at('F', name)).equals(readFileSync(at('E', name))), name).toBe(true);
  expect(runCli(['bench', at('F'), '--device', 'pico-emulator']).status).toBe(0);
});

test.each<[string, () => string[], number, string, RegExp]>([
  ['a float model', () => compile(demo, 'X'), 3, 'MODEL_UNSUPPORTED', /is a float model.*bitwright quantize/],
  ['a missing file', () => compile(at('no.onnx'), 'X'), 2, 'FILE_NOT_FOUND', /no\.onnx/],
  ['a truncated file', () => compile(at('cut.onnx'), 'X'), 3, 'MODEL_INVALID', /cut\.onnx/],
  ['missing external data', () => compile(at('apart.onnx'), 'X'), 2, 'FILE_NOT_FOUND', /weights\.bin/],
  ['an unknown target', () => compile(quantizedModel(), 'X', 'pico'), 3, 'TARGET_UNKNOWN', /rp2040-pico/],
  [
    'a target without scales per channel and with powers of two, every problem at once',
    () => compile(quantizedModel(), 'X', 'esp32s3'),
    3,
    'PROFILE_UNSUPPORTED',
    /node stem \(conv\): has a scale per channel[\s\S]*node dense[\s\S]*its scale .*powers of two/,
  ],
  [
    'data of another shape',
    () => [...compile(quantizedModel(), 'X'), '--data', at('wide.npy')],
    2,
    'DATASET_MISMATCH',
    /30,30/,
  ],
])('%s', (_, argv, exitCode, code, message) => {
  writeFileSync(at('cut.onnx'), readFileSync(quantizedModel()));
  truncateSync(at('cut.onnx'), 1000);
  writeFileSync(at('apart.onnx'), withDataElsewhere(readFileSync(quantizedModel())));
  writeFileSync(at('wide.npy'), writeNpy(floatTensor([4, 1, 30, 30])));
  const { status, stdout, stderr } = runCli(argv());
  expect(stderr).toMatch(message);
  expect(stderr).toContain(`(${code}, exit code ${exitCode})`);
  expect([status, stdout, existsSync(at('X'))]).toEqual([exitCode, '', false]);
});

/** The same model with its first initializer in a file that is not there. */
function withDataElsewhere(bytes: Uint8Array): Uint8Array {
  const model = decodeModel(bytes, 'model');
  const [first, ...rest] = model.graph!.initializer;
  const { rawData: _, ...apart } = first!;
  const moved = { ...apart, dataLocation: 1, externalData: [{ key: 'location', value: 'weights.bin' }] };
  return encodeModel({ ...model, graph: { ...model.graph!, initializer: [moved, ...rest] } });
}
