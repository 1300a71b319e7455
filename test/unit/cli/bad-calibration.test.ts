/** Weights, samples, labels and bits that a quantization cannot use, through the built command line: an error, or a stated fallback. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { writeNpy } from '../../../src/base/npy.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import { createOnnxBuilder } from '../../../src/onnx/onnx-builder.ts';
import { runCli, runJson } from './run-cli.ts';

// Every run is a process of its own, and CI machines are busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let root = '';
const at = (name: string): string => join(root, name);

interface Weights {
  readonly first: Float32Array<ArrayBuffer>;
  readonly bias: Float32Array<ArrayBuffer>;
  readonly second: Float32Array<ArrayBuffer>;
  readonly head: Float32Array<ArrayBuffer>;
}

/** Two convolutions and a classifier of five; `spoil` changes the weights first. */
function model(spoil: (weights: Weights) => void = () => undefined): Uint8Array {
  const random = seededRandom(3);
  const normal = (length: number): Float32Array<ArrayBuffer> => Float32Array.from({ length }, () => random.normal());
  const weights = { first: normal(8 * 27), bias: normal(8), second: normal(8 * 72), head: normal(5 * 8) };
  spoil(weights);
  const b = createOnnxBuilder();
  const pads = { pads: { ints: [1, 1, 1, 1] } };
  b.input('x', 'float32', ['N', 3, 6, 6]);
  b.constant('first.w', floatTensor([8, 3, 3, 3], weights.first));
  b.constant('first.b', floatTensor([8], weights.bias));
  b.constant('second.w', floatTensor([8, 8, 3, 3], weights.second));
  b.constant('head.w', floatTensor([5, 8], weights.head));
  b.node('Conv', ['x', 'first.w', 'first.b'], ['a'], { name: 'first', attributes: pads });
  b.node('Relu', ['a'], ['b'], { name: 'relu' });
  b.node('Conv', ['b', 'second.w'], ['c'], { name: 'second', attributes: pads });
  b.node('GlobalAveragePool', ['c'], ['d'], { name: 'pool' });
  b.node('Flatten', ['d'], ['e'], { name: 'flat' });
  b.node('Gemm', ['e', 'head.w'], ['y'], { name: 'head', attributes: { transB: { int: 1 } } });
  b.output('y', 'float32', ['N', 5]);
  return b.finish({ opset: 17, name: 'small' });
}

function samples(count: number, value: (index: number) => number): Uint8Array {
  return writeNpy(
    floatTensor(
      [count, 3, 6, 6],
      Float32Array.from({ length: count * 108 }, (_, index) => value(index)),
    ),
  );
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-calibration-'));
  const random = seededRandom(4);
  const spoiled = (index: number, value: number) => (at: number) => (at === index ? value : random.normal());
  writeFileSync(at('good.onnx'), model());
  writeFileSync(
    at('nan.onnx'),
    model(({ second }) => second.fill(Number.NaN, 7, 8)),
  );
  writeFileSync(
    at('infinite.onnx'),
    model(({ bias }) => bias.fill(Infinity, 2, 3)),
  );
  writeFileSync(
    at('zero.onnx'),
    model(({ second }) => second.fill(0)),
  );
  writeFileSync(
    at('dead.onnx'),
    model(({ second }) => second.fill(0, 0, 3 * 72)),
  );
  writeFileSync(
    at('good.npy'),
    samples(70, () => random.normal()),
  );
  writeFileSync(
    at('one.npy'),
    samples(1, () => random.normal()),
  );
  writeFileSync(
    at('few.npy'),
    samples(20, () => random.normal()),
  );
  writeFileSync(at('nan.npy'), samples(10, spoiled(300, Number.NaN)));
  writeFileSync(at('infinite.npy'), samples(10, spoiled(300, -Infinity)));
  writeFileSync(
    at('constant.npy'),
    samples(70, () => 0.5),
  );
  const labels = Int32Array.from({ length: 70 }, (_, index) => (index === 13 ? 9 : index % 5));
  writeFileSync(at('labels.npy'), writeNpy({ dtype: 'int32', shape: [70], data: labels }));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const quantize = (from: string, data: string, ...flags: string[]): string[] => [
  ...['quantize', at(from), '--target', 'cortex-m4', '--layout', 'NCHW', '--data', at(data), '-o', at('OUT')],
  ...['--method', 'mmse', '--workers', '1', ...flags],
];

test.each<[string, () => string[], number, string, RegExp]>([
  ['a weight that is NaN', () => quantize('nan.onnx', 'good.npy'), 3, 'MODEL_INVALID', /second\.w.*NaN/],
  ['a bias that is infinite', () => quantize('infinite.onnx', 'good.npy'), 3, 'MODEL_INVALID', /first\.b.*infinity/],
  ['a sample that is NaN', () => quantize('good.onnx', 'nan.npy'), 3, 'CALIBRATION_FAILED', /value x.*NaN/],
  ['a sample that is infinite', () => quantize('good.onnx', 'infinite.npy'), 3, 'CALIBRATION_FAILED', /-Infinity/],
  ['one sample', () => quantize('good.onnx', 'one.npy'), 3, 'CALIBRATION_FAILED', /seen 1, allowed 2 and more/],
  [
    'a label that is no class',
    () => quantize('good.onnx', 'good.npy', '--labels', at('labels.npy')),
    2,
    'DATASET_MISMATCH',
    /label of sample 13.*seen 9, allowed 0 to 4/,
  ],
  ['weights of 1 bit', () => quantize('good.onnx', 'good.npy', '--weights', '1'), 2, 'USAGE', /--weights.*2 to 16/],
  [
    'bits that the target lacks',
    () => quantize('good.onnx', 'good.npy', '--weights', '5', '--activations', '16'),
    3,
    'TARGET_LIMIT',
    /second.*seen 5 bits[\s\S]*seen 16 bits, allowed 8, 4, 3, 2/,
  ],
])('%s is refused', (_, argv, exitCode, code, message) => {
  const before = readdirSync(root).sort();
  const { status, stdout, stderr } = runCli(argv());
  expect(stderr).toMatch(message);
  expect(stderr).toContain(`(${code}, exit code ${exitCode})`);
  expect([status, stdout]).toEqual([exitCode, '']);
  expect(readdirSync(root).sort()).toEqual(before);
});

test.each<[string, () => string[], RegExp]>([
  ['a layer of zeros', () => quantize('zero.onnx', 'good.npy'), /layer second has only zero weights/],
  ['dead channels', () => quantize('dead.onnx', 'good.npy'), /second: 3 of 8 output channels .* median scale/],
  ['a constant input', () => quantize('good.onnx', 'constant.npy'), /activation x is 0\.5 on every calibration sample/],
  ['few samples', () => quantize('good.onnx', 'few.npy'), /only 20 calibration samples/],
])('%s: the fallback is stated, and the package is exact', (_, argv, warning) => {
  const { status, document } = runJson<{ warnings: string[] }>([...argv(), '--weights', '4']);
  expect(status).toBe(0);
  expect(document.warnings.join('\n')).toMatch(warning);
  const judged = ['validate', at('OUT'), '--device', 'reference', '--layout', 'NCHW', '--data', at('few.npy')];
  const { document: verdict } = runJson<{ mismatches: number; compared: number }>([...judged, '--limit', '3']);
  expect(verdict).toMatchObject({ mismatches: 0, compared: 15 });
  rmSync(at('OUT'), { recursive: true });
});
