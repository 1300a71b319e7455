/** Models as users bring them, small, through the built command line: quantized, run in ONNX Runtime, and equal to the prediction. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { writeNpy } from '../../../src/base/npy.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import { createOnnxBuilder, type OnnxBuilder } from '../../../src/onnx/onnx-builder.ts';
import type { Verdict } from '../../../src/validate/verdict.ts';
import { runCli, runJson } from './run-cli.ts';

// Every run is a process of its own, and CI machines are busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const random = seededRandom(1);
let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-small-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const normal = (shape: number[]) =>
  floatTensor(
    shape,
    Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => random.normal()),
  );

function model(name: string, shape: readonly (number | string)[], build: (b: OnnxBuilder) => void): string {
  const b = createOnnxBuilder();
  b.input('x', 'float32', ['N', ...shape]);
  build(b);
  b.output('y', 'float32', []);
  const path = join(root, `${name}.onnx`);
  writeFileSync(path, b.finish({ opset: 13, name }));
  return path;
}

function samples(name: string, shape: number[]): string {
  const path = join(root, `${name}.npy`);
  writeFileSync(path, writeNpy(normal([16, ...shape])));
  return path;
}

function quantized(path: string, data: string, ...options: string[]): Verdict {
  const out = `${path}-OUT`;
  const argv = ['quantize', path, '--target', 'onnxruntime', '--data', data, '--samples', '16', '-o', out, ...options];
  const made = runCli([...argv, '--quiet']);
  expect(made.status, made.stderr).toBe(0);
  return runJson<Verdict>(['validate', out, '--device', 'onnxruntime-node', '--data', data]).document;
}

test('a model that ends in an arg-max', () => {
  const path = model('arg-max', [4, 5], (b) => {
    b.node('Conv', ['x', b.constant('w', normal([4, 4, 1]))], ['c'], { name: 'conv' });
    b.node('ArgMax', ['c'], ['y'], { name: 'best', attributes: { axis: { int: 1 } } });
  });
  expect(quantized(path, samples('arg-max', [4, 5]))).toMatchObject({ outcome: 'pass', compared: 80, mismatches: 0 });
});

test('a dense layer over rows, with its bias', () => {
  const path = model('rows', [3, 4], (b) => {
    b.node('MatMul', ['x', b.constant('w', normal([4, 6]))], ['m'], { name: 'product' });
    b.node('Add', ['m', b.constant('b', normal([6]))], ['y'], { name: 'sum' });
  });
  expect(quantized(path, samples('rows', [3, 4]))).toMatchObject({ outcome: 'pass', compared: 288, mismatches: 0 });
});

test('dynamic sizes are asked for by name, taken by --dim, and a name that is not there is an error', () => {
  const path = model('dynamic', [3, 'height', 'width'], (b) => {
    b.node('Conv', ['x', b.constant('w', normal([4, 3, 3, 3]))], ['c'], { name: 'conv' });
    b.node('GlobalAveragePool', ['c'], ['y'], { name: 'pool' });
  });
  const inspect = (...options: string[]) => {
    const { status, stdout, stderr } = runCli(['inspect', path, ...options]);
    return { status, text: stdout + stderr };
  };
  expect(inspect().status).toBe(3);
  expect(inspect().text).toMatch(/unknown: height, width.*--dim height=/);
  expect(inspect('--dim', 'height=8', '--dim', 'depth=8').text).toMatch(/--dim depth.*no input has a dimension/);
  expect(inspect('--dim', 'height=0').text).toMatch(/--dim.*seen height=0/);
  const data = samples('dynamic', [3, 8, 8]);
  const verdict = quantized(path, data, '--dim', 'height=8', '--dim', 'width=8');
  expect(verdict).toMatchObject({ outcome: 'pass', compared: 64, mismatches: 0 });
});
