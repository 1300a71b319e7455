/** `bitwright inspect` through the built command line: models that are taken, models that are not, pictures. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createOnnxBuilder, floatScalar, type OnnxBuilder } from '../../../src/onnx/onnx-builder.ts';
import type { Inspection } from '../../../src/report/inspection.ts';
import { runCli, runJson } from './run-cli.ts';

vi.setConfig({ testTimeout: 120_000 });

const model = 'models/demo-mnist.onnx';
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bitwright-inspect-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function modelFile(name: string, build: (b: OnnxBuilder) => void, shape: (number | string)[] = ['N', 2, 4, 4]): string {
  const builder = createOnnxBuilder();
  builder.input('x', 'float32', shape);
  build(builder);
  builder.output('y', 'float32', []);
  const path = join(folder, name);
  writeFileSync(path, builder.finish({ opset: 13, name }));
  return path;
}

const inspect = (...argv: string[]) => runJson<Inspection>(['inspect', ...argv]);

test('sizes of a small model, worked out by hand', () => {
  const path = modelFile('small.onnx', (b) => {
    b.constant('w', { dtype: 'float32', shape: [3, 2, 3, 3], data: new Float32Array(54).fill(0.5) });
    b.node('Conv', ['x', 'w'], ['c'], { name: 'conv', attributes: { pads: { ints: [1, 1, 1, 1] } } });
    b.node('Relu', ['c'], ['r'], { name: 'relu' });
    b.node('GlobalAveragePool', ['r'], ['y'], { name: 'pool' });
  });
  const { status, document } = inspect(path, '--target', 'cortex-m4');
  expect(status).toBe(0);
  const [conv, relu, pool] = document.nodes;
  // 3 channels of 4x4, each a sum of 2*3*3 products.
  expect(conv).toMatchObject({
    state: 'supported',
    ops: ['conv'],
    macs: 3 * 16 * 18,
    parameters: 54,
    activationBytes: 48,
  });
  // 18 products of 127 and at most 128 need more than 2^18: 20 bits with the sign.
  expect(conv!.accumulator).toEqual({ neededBits: 20, availableBits: 32 });
  expect(relu).toMatchObject({ state: 'rewritten', ops: [], note: 'part of conv (fuse clamp)', activationBytes: 0 });
  expect(pool).toMatchObject({ state: 'supported', activationBytes: 3, shape: [1, 3, 1, 1] });
  expect(document).toMatchObject({ macs: 864, parameters: 54, problems: [] });
  // Input 32 bytes and output of the convolution 48 bytes are alive together.
  expect(document.memory[0]).toMatchObject({ weightBits: 8, weightBytes: 54, flashHolds: true, ramHolds: true });
  expect(document.memory[0]!.peak).toEqual({ operation: 'conv', liveBytes: 80 });
  expect(document.memory.map(({ weightBits }) => weightBits)).toEqual([8, 4, 3, 2]);
});

test('a model that is refused still gives its inspection, everything wrong with it, and a picture', () => {
  const path = modelFile('refused.onnx', (b) => {
    b.node('Relu', ['x'], ['a'], { name: 'first' });
    b.node('LRN', ['a'], ['b'], { name: 'lrn' });
    b.node('Transpose', ['a'], ['c'], { name: 'turn', attributes: { perm: { ints: [1, 0, 2, 3] } } });
    b.node('Softmax', ['a'], ['s'], { name: 'soft', attributes: { axis: { int: 1 } } });
    b.node('Relu', ['s'], ['d'], { name: 'after' });
    b.node('Sum', ['b', 'c', 'd'], ['y'], { name: 'sum' });
  });
  const svg = join(folder, 'refused.svg');
  const { status, document } = inspect(path, '--target', 'onnxruntime', '--svg', svg);
  expect(status).toBe(3);
  expect(document.nodes.map(({ name, state }) => `${name}: ${state}`)).toEqual([
    'first: supported',
    'lrn: rejected',
    'turn: rejected',
    'soft: rejected',
    'after: supported',
    'sum: blocked',
  ]);
  for (const { name, state, reasons } of document.nodes) {
    if (state !== 'rejected') continue;
    expect(reasons.length, name).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason.next, `${name} has a way out`).toMatch(/\w/);
  }
  expect(document.memory).toEqual([]);
  expect(readFileSync(svg, 'utf8')).toContain('operator LRN is not supported');
});

test('the text names each reason once, with the nodes that it is about', () => {
  const path = modelFile('twice.onnx', (b) => {
    b.node('LRN', ['x'], ['a'], { name: 'one' });
    b.node('LRN', ['x'], ['b'], { name: 'two\u001b[31m' });
    b.node('Add', ['a', 'b'], ['y'], { name: 'sum' });
  });
  const { status, stdout } = runCli(['inspect', path]);
  expect(status).toBe(3);
  expect(stdout).toContain('rejected: one, two\ufffd[31m: operator LRN is not supported. See docs/operators.md');
  expect(stdout).not.toContain('\u001b');
  expect(stdout).toContain('3 nodes: 2 rejected, 1 blocked');
});

test('a size that is asked for blocks every node, and is said once', () => {
  const path = modelFile('dynamic.onnx', (b) => b.node('Relu', ['x'], ['y'], { name: 'relu' }), ['N', 2, 'rows', 4]);
  const { status, document } = inspect(path);
  expect(status).toBe(3);
  expect(document.nodes.map(({ state }) => state)).toEqual(['blocked']);
  expect(document.problems).toHaveLength(1);
  expect(document.problems[0]!.message + document.problems[0]!.seen).toMatch(/rows/);
});

test('weights that are no numbers are a problem of the model', () => {
  const path = modelFile('nan.onnx', (b) => {
    b.constant('k', floatScalar(Number.NaN));
    b.node('Mul', ['x', 'k'], ['y'], { name: 'mul' });
  });
  const { status, document } = inspect(path);
  expect(status).toBe(3);
  expect(document.problems.map(({ message }) => message)).toEqual(['holds NaN or infinity']);
  expect(document.nodes.map(({ state }) => state)).toEqual(['supported']);
});

test('a target that is too small at every width is exit code 3, one that fits at some is 0', () => {
  const target = (flashBytes: number): string => {
    const base = JSON.parse(readFileSync(new URL('../../../targets/cortex-m4.json', import.meta.url), 'utf8'));
    const id = `small-${flashBytes}`;
    writeFileSync(join(folder, `${id}.json`), JSON.stringify({ ...base, id, memory: { flashBytes, ramBytes: 65536 } }));
    return id;
  };
  const on = (id: string) => inspect(model, '--target', id, '--targets', folder);
  const none = on(target(4096));
  expect(none.status).toBe(3);
  expect(none.document.memory.map(({ flashHolds, ramHolds }) => [flashHolds, ramHolds])).toEqual(
    [0, 0, 0, 0].map(() => [false, true]),
  );
  const widest = none.document.memory[0]!.programBytes;
  const some = on(target(widest - 1));
  expect(some.status).toBe(0);
  expect(some.document.memory.map(({ flashHolds }) => flashHolds)).toEqual([false, true, true, true]);
});

test('--svg writes the picture in the colours that are asked for', () => {
  const path = join(folder, 'deep', 'demo.svg');
  const picture = (...more: string[]): string => {
    expect(runCli(['inspect', model, '--svg', path, ...more]).status).toBe(0);
    return readFileSync(path, 'utf8');
  };
  expect(picture()).toContain('Coloured by status');
  expect(picture('--color', 'cost')).toContain('Coloured by cost');
});

test('a colour without a picture, and colours that are not there, are refused', () => {
  expect(runCli(['inspect', model, '--color', 'cost'])).toMatchObject({ status: 2 });
  const path = join(folder, 'never.svg');
  expect(runCli(['inspect', model, '--svg', path, '--color', 'size'])).toMatchObject({ status: 2 });
  expect(existsSync(path)).toBe(false);
});
