/** Bits by rule, by name and from another package, through the built command line. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Tables } from '../../../src/package/tables.ts';
import type { BitOptions } from '../../../src/quantize/bit-assignment.ts';
import { runCli } from './run-cli.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-bits-'));
  const made = quantize('mixed', '--weights', '4', '--bits', 'depthwise*=w8', '--bits', 'pointwise4=w2,dense=w4');
  expect(made.status, made.stderr).toBe(0);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const folder = (name: string): string => join(root, name);

function quantize(name: string, ...options: string[]) {
  const data = ['--data', 'models/demo-calibration.json', '--samples', '8', '--method', 'max-abs', '--workers', '1'];
  const fixed = ['models/demo-mnist.onnx', '--target', 'rp2040-pico', ...data, '--quiet'];
  return runCli(['quantize', ...fixed, '-o', folder(name), ...options]);
}

const manifestBits = (name: string): BitOptions =>
  JSON.parse(readFileSync(join(folder(name), 'manifest.json'), 'utf8')).options.bits;

/** Bits of the weights by node, as the package's tables say. */
function weightBits(name: string): Record<string, number> {
  const { weights } = JSON.parse(readFileSync(join(folder(name), 'tables.json'), 'utf8')) as Tables;
  return Object.fromEntries(weights.map((row) => [row.name, row.bits]));
}

test('overrides by name and pattern reach the tensors and the manifest', () => {
  expect(weightBits('mixed')).toEqual({
    ...{ stem: 8, depthwise1: 8, depthwise2: 8, depthwise3: 8 },
    ...{ pointwise1: 4, pointwise2: 4, pointwise3: 4, pointwise4: 2, dense: 4 },
  });
  expect(manifestBits('mixed')).toEqual({
    weights: 4,
    activations: 8,
    policy: 'residual',
    edges: 8,
    depthwise: 4,
    overrides: [
      { pattern: 'depthwise*', weights: 8 },
      { pattern: 'pointwise4', weights: 2 },
      { pattern: 'dense', weights: 4 },
    ],
  });
});

test.each(['mixed', 'mixed/manifest.json'])('--bits-from %s gives the same package', (from) => {
  expect(quantize('again', '--bits-from', folder(from)).status).toBe(0);
  const bytes = (name: string) => readFileSync(join(folder(name), 'program.bin'));
  expect(bytes('again').equals(bytes('mixed'))).toBe(true);
  expect(manifestBits('again')).toEqual(manifestBits('mixed'));
});

test('options and overrides beside --bits-from win', () => {
  expect(quantize('wider', '--bits-from', folder('mixed'), '--weights', '8', '--bits', 'dense=w8').status).toBe(0);
  const bits = manifestBits('wider');
  expect(bits.weights).toBe(8);
  expect(bits.depthwise).toBe(4);
  expect(bits.overrides.at(-1)).toEqual({ pattern: 'dense', weights: 8 });
  expect(weightBits('wider')).toMatchObject({ depthwise1: 8, pointwise1: 8, pointwise4: 2, dense: 8 });
});

test('an override that changes nothing is an error that names what is near', () => {
  const { status, stderr } = quantize('never', '--bits', 'pointwis1=w4,softmx=a8,stem.norm=w8');
  expect(status).toBe(3);
  expect(stderr).toMatch(/no node with weights has such a name \(seen pointwis1\)\. Near it: pointwise1, /);
  expect(stderr).toMatch(/no activation, or node that makes one, has such a name \(seen softmx\)\. Near it: softmax/);
  expect(stderr).toMatch(/no node with weights has such a name \(seen stem\.norm\)\. Near it: stem/);
});

test('files that hold no bits are refused', () => {
  const broken = (name: string, change: (manifest: { options: Record<string, unknown> }) => void): string => {
    const manifest = JSON.parse(readFileSync(join(folder('mixed'), 'manifest.json'), 'utf8'));
    change(manifest);
    const path = join(root, name);
    writeFileSync(path, JSON.stringify(manifest));
    return path;
  };
  const refusal = (from: string) => quantize('never', '--bits-from', from);
  expect(refusal(join(root, 'nowhere'))).toMatchObject({ status: 2 });
  const none = broken('none.json', ({ options }) => delete options.bits);
  expect(refusal(none).stderr).toMatch(/none\.json: holds no bit options/);
  const odd = broken('odd.json', ({ options }) => Object.assign(options, { bits: { weights: 400 } }));
  expect(refusal(odd).stderr).toMatch(/odd\.json: holds bit options that are none of ours/);
});
