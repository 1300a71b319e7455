/** `--blend` through the built command line: what it changes, what it is noted as, and what it does not go with. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runCli, runJson } from './run-cli.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-blend-'));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const argv = (name: string, ...options: string[]): string[] => {
  const data = ['--data', 'models/demo-calibration.json', '--samples', '24', '--weights', '4', '--workers', '1'];
  return ['quantize', 'models/demo-mnist.onnx', '--target', 'rp2040-pico', ...data, '-o', join(root, name), ...options];
};

interface Summary {
  readonly loss: { readonly final: number };
  readonly accuracy: { readonly float: number; readonly quantized: number };
}

test('it changes the loss and the plan, and not what accuracy is measured on', () => {
  const plain = runJson<Summary>(argv('plain'));
  const blended = runJson<Summary>(argv('blended', '--blend', '0.4'));
  expect([plain.status, blended.status]).toEqual([0, 0]);
  expect(blended.document.loss.final).not.toBe(plain.document.loss.final);
  // Of the images as they are, by the float model; of their blends it would be far lower.
  expect(blended.document.accuracy.float).toBe(plain.document.accuracy.float);
  const [a, b] = ['plain', 'blended'].map((name) => readFileSync(join(root, name, 'program.bin')));
  expect(a!.equals(b!)).toBe(false);
  const { options } = JSON.parse(readFileSync(join(root, 'blended', 'manifest.json'), 'utf8'));
  expect(options.blend).toBe(0.4);
});

test.each([
  [['--blend', '0.6'], 'a number from 0 to 0.5'],
  [['--blend', '0.4', '--objective', 'cross-entropy'], 'blended samples have no labels'],
])('%s is refused', (options, message) => {
  const { status, stderr } = runCli(argv('never', ...options));
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});
