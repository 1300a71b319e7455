/**
 * The main job on the models of MLPerf Tiny through the command line: quantize, then 0 mismatches on every output element of 20 samples on every kind of
 * device, and the whole test set in the simulator.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/validate/verdict.ts';
import { repository, runJson } from '../unit/cli/run-cli.ts';

const shared = join(repository, '..', 'shared');
const present = existsSync(join(shared, 'models'));
const target = 'rp2040-pico';
const deviceSamples = 20;

interface Case {
  readonly model: string;
  readonly calibration: string;
  readonly test: string;
  readonly weights: number;
  /** Lowest accuracy on the whole test set, a point or two below what the search reaches. */
  readonly accuracyMin: number;
}

const kws = { model: 'mlperf_kws_dscnn', calibration: 'kws/mlperf-kws-calibration', test: 'kws/mlperf-kws-test' };
const ic = { model: 'mlperf_ic_resnet8', calibration: 'cifar10/mlperf-ic-calibration', test: 'cifar10/mlperf-ic-test' };
const cases: readonly Case[] = [
  { ...kws, weights: 8, accuracyMin: 0.885 },
  { ...kws, weights: 4, accuracyMin: 0.865 },
  { ...ic, weights: 8, accuracyMin: 0.865 },
  { ...ic, weights: 4, accuracyMin: 0.855 },
];

let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-models-'));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.each(cases)('$model W$weights A8', ({ model, calibration, test: testSet, weights, accuracyMin }) => {
  const folder = (): string => join(root, `${model}-w${weights}`);
  const data = join(shared, 'data', `${testSet}.json`);
  const validate = (device: string, ...options: string[]) =>
    runJson<Verdict>(['validate', folder(), '--device', device, '--data', data, ...options]);

  test.skipIf(!present)('is quantized (needs the real models beside the checkout)', () => {
    const { status, document } = runJson<{ accuracy: { quantized: number } }>([
      'quantize',
      join(shared, 'models', `${model}_fp32.onnx`),
      ...['--target', target, '--data', join(shared, 'data', `${calibration}.json`)],
      ...['--weights', String(weights), '--samples', '256', '-o', folder()],
    ]);
    expect(status).toBe(0);
    expect(document.accuracy.quantized).toBeGreaterThan(accuracyMin);
  });

  test.skipIf(!present).each(['reference', 'simulator', 'pico-emulator', 'qemu:mps2-an386'])(
    'agrees on %s, bit for bit',
    (device) => {
      const { status, document } = validate(device, '--limit', String(deviceSamples));
      expect(document).toMatchObject({ outcome: 'pass', mismatches: 0, samples: deviceSamples });
      expect(document.compared).toBeGreaterThanOrEqual(10 * deviceSamples);
      expect(document.layers.mismatches).toBe(0);
      expect(document.memory.deviceArenaBytes).toBe(document.memory.arenaBytes);
      expect(status).toBe(0);
    },
  );

  test.skipIf(!present)('keeps its accuracy on the whole test set', () => {
    const { document } = validate('simulator');
    expect(document.mismatches).toBe(0);
    expect(document.accuracy.device).toBeGreaterThan(accuracyMin);
    expect(document.accuracy.device).toBe(document.accuracy.simulated);
  });
});
